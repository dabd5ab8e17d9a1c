import { expect, test } from "vitest";
import { pageOf } from "./pages.ts";
import { Refusal } from "./refusal.ts";

const items = ["c", "a", "b"].map((name) => ({ name }));

test("follows the names and ends with null", () => {
  const first = pageOf(items, { limit: "2" });
  expect(first.items.map((item) => item.name)).toEqual(["a", "b"]);
  const second = pageOf(items, { limit: "2", after: first.next ?? "" });
  expect(second).toEqual({ items: [{ name: "c" }], next: null });
});

test("a page that takes the last object is the last", () => {
  expect(pageOf(items, { limit: "3" }).next).toBeNull();
  expect(pageOf([], {}).next).toBeNull();
});

test("objects that come and go before the cursor do not shift the next page", () => {
  const { next } = pageOf(items, { limit: "1" });
  const changed = ["0", "b", "c"].map((name) => ({ name }));
  expect(pageOf(changed, { after: next ?? "" }).items.map((item) => item.name)).toEqual(["b", "c"]);
});

test("holds no more than the server allows", () => {
  const many = Array.from({ length: 600 }, (_, index) => ({ name: `n${index}` }));
  expect(pageOf(many, { limit: "100000" }).items).toHaveLength(500);
});

test.each([{ limit: "0" }, { limit: "1.5" }, { limit: "x" }, { limit: "" }, { after: "%%" }])(
  "refuses %j",
  (query) => {
    expect(() => pageOf(items, query)).toThrow(Refusal);
  },
);
