import { describe, expect, it } from "vitest";
import { fault } from "./fault.ts";
import { lane } from "./lane.ts";

const fulfilled = <Value>(value: Value) => ({ status: "fulfilled", value }) as const;
const OPTIONS = { itemsMax: 3, waitingMax: 10, abreast: 1, isGeneral: () => false };

/** A lane whose works are written down and end one by one, when they are told to. */
function watched(options: Partial<typeof OPTIONS> = {}) {
  const groups: string[][] = [];
  const ends: (() => void)[] = [];
  const line = lane<string, string>({
    ...OPTIONS,
    ...options,
    nameOf: (item) => (item.startsWith("=") ? "the same" : null),
    carryOut: async (items) => {
      groups.push([...items]);
      await new Promise<void>((done) => ends.push(done));
      return items.map((item) =>
        item === "refused" ? { status: "rejected", reason: new Error("no") } : fulfilled(`${item} is done`),
      );
    },
  });
  const end = async () => {
    ends.shift()?.();
    await new Promise((done) => setImmediate(done));
  };
  return { line, groups, end };
}

describe("a lane", () => {
  it("takes the first at once and the others along, in their order, as many as fit", async () => {
    const { line, groups, end } = watched();
    const answers = ["a", "b", "c", "d", "e"].map((item) => line.join(item));
    expect(groups).toEqual([["a"]]);
    await end();
    expect(groups).toEqual([["a"], ["b", "c", "d"]]);
    await end();
    await end();
    expect(groups).toEqual([["a"], ["b", "c", "d"], ["e"]]);
    expect(await Promise.all(answers)).toEqual(["a", "b", "c", "d", "e"].map((item) => `${item} is done`));
  });

  it("refuses one without its mates", async () => {
    const { line, end } = watched();
    void line.join("first");
    const answers = ["b", "refused", "c"].map((item) => line.join(item));
    const settled = Promise.allSettled(answers);
    await end();
    await end();
    expect((await settled).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("does not take two of one name along together, nor the later one before the earlier one", async () => {
    const { line, groups, end } = watched();
    for (const item of ["first", "=1", "=2", "b"]) void line.join(item);
    await end();
    await end();
    expect(groups).toEqual([["first"], ["=1", "b"], ["=2"]]);
    await end();
  });

  it("tells whoever finds the line full to come back", async () => {
    const { line } = watched({ waitingMax: 2 });
    for (const item of ["under way", "b", "c"]) void line.join(item);
    expect(() => line.join("d")).toThrow(expect.objectContaining({ code: "database.busy" }));
  });

  it("has as many works under way as may be", () => {
    const { line, groups } = watched({ abreast: 2 });
    for (const item of ["a", "b", "c"]) void line.join(item);
    expect(groups).toEqual([["a"], ["b"]]);
  });
});

describe("a work that fails as a whole", () => {
  function failing(isGeneral: (error: unknown) => boolean, error: () => Error) {
    const groups: string[][] = [];
    const line = lane<string, string>({
      ...OPTIONS,
      isGeneral,
      carryOut: async (items) => {
        groups.push([...items]);
        await Promise.resolve();
        if (items.includes("bad")) throw error();
        return items.map(fulfilled);
      },
    });
    const settle = () => Promise.allSettled(["first", "a", "bad", "b"].map((item) => line.join(item)));
    return { groups, settle };
  }

  it("is tried for each by itself, so that only the one that has spoiled it is refused", async () => {
    const { groups, settle } = failing(
      () => false,
      () => new Error("a constraint"),
    );
    const statuses = (await settle()).map(({ status }) => status);
    expect(statuses).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    expect(groups).toEqual([["first"], ["a", "bad", "b"], ["a"], ["bad"], ["b"]]);
  });

  it("is told to all where it says nothing about any of them", async () => {
    const { groups, settle } = failing(
      () => true,
      () => fault("database.unavailable"),
    );
    const statuses = (await settle()).map(({ status }) => status);
    expect(statuses).toEqual(["fulfilled", "rejected", "rejected", "rejected"]);
    expect(groups).toHaveLength(2);
  });
});
