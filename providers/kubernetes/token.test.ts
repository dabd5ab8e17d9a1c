import { expect, test } from "vitest";
import { fixedToken, renewedToken } from "./token.ts";

function issuer() {
  let issued = 0;
  let failure: Error | null = null;
  const issue = async () => {
    if (failure !== null) throw failure;
    issued += 1;
    return { token: `t-${issued}`, seconds: 100 };
  };
  return { issue, fail: (error: Error | null) => (failure = error), issued: () => issued };
}

test("a token is used for most of its life and then renewed, once for all who ask", async () => {
  let now = 0;
  const { issue, issued } = issuer();
  const source = renewedToken(issue, () => now);
  expect(await Promise.all([source.current(), source.current(), source.current()])).toEqual([
    "t-1",
    "t-1",
    "t-1",
  ]);
  now = 79_999;
  expect(await source.current()).toBe("t-1");
  now = 80_000;
  expect(await source.current()).toBe("t-2");
  expect(issued()).toBe(2);
});

test("where no new one is to be had, the old one serves until its end", async () => {
  let now = 0;
  const { issue, fail } = issuer();
  const source = renewedToken(issue, () => now);
  await source.current();
  fail(new Error("out of order"));
  now = 99_999;
  expect(await source.current()).toBe("t-1");
  now = 100_000;
  await expect(source.current()).rejects.toThrow("out of order");
  fail(null);
  expect(await source.current()).toBe("t-2");
});

test("a refused token is replaced, and one that was replaced already is not thrown away again", async () => {
  const { issue, issued } = issuer();
  const source = renewedToken(issue, () => 0);
  const old = await source.current();
  expect(source.refused(old)).toBe(true);
  expect(await source.current()).toBe("t-2");
  expect(source.refused(old)).toBe(true);
  expect(await source.current()).toBe("t-2");
  expect(issued()).toBe(2);
});

test("a fixed token is all there is", async () => {
  const source = fixedToken("t");
  expect(source.refused(await source.current())).toBe(false);
});
