import { expect, test } from "vitest";
import { cutPage, everyPage } from "./pages.ts";

const ALL = Array.from({ length: 23 }, (_, index) => index);

/** A cloud whose pages are of `least` items and more, or of all of them. */
function cloud(least: number | null) {
  return ({
    MaxResults = 1_000,
    NextToken = "0",
  }: {
    MaxResults?: number | undefined;
    NextToken?: string | undefined;
  }) => {
    const from = Number(NextToken);
    if (least !== null && MaxResults < least) throw new Error(`a page of ${MaxResults}`);
    const to = least === null ? ALL.length : from + MaxResults;
    return Promise.resolve({
      items: ALL.slice(from, to),
      ...(to < ALL.length ? { NextToken: String(to) } : {}),
    });
  };
}

async function walked(least: number | null, limit: number): Promise<number[][]> {
  const pages: number[][] = [];
  let after: string | undefined;
  do {
    const page = await cutPage({ after, limit }, cloud(least), ({ items }) => items);
    pages.push([...page.items]);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return pages;
}

test.each([1, 2, 3, 4, 5, 6, 22, 23, 24, 500])("pages of %i show each item once", async (limit) => {
  for (const least of [5, null]) {
    const pages = await walked(least, limit);
    expect(pages.flat()).toEqual(ALL);
    expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(limit);
  }
});

test.each(["%%%", "", "bnVsbA", Buffer.from('{"token":"x","skip":-1}').toString("base64url")])(
  "the cursor %j is Invalid",
  async (after) => {
    const page = cutPage({ after, limit: 5 }, cloud(5), ({ items }) => items);
    await expect(page).rejects.toMatchObject({ kind: "Invalid" });
  },
);

test("a list that repeats itself is not followed for ever", async () => {
  const read = () => Promise.resolve({ NextToken: "again" });
  await expect(everyPage(read, () => [1])).rejects.toMatchObject({ kind: "Unavailable" });
});
