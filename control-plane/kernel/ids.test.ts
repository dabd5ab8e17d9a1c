import { describe, expect, it } from "vitest";
import { idOf, knownId, type PoolId, systemIds } from "./ids.ts";

describe("ids", () => {
  it("say what they name and are UUIDs of version 7", () => {
    expect(systemIds.next("ten")).toMatch(
      /^ten_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it("never repeat, and sort in the order in which they were made", () => {
    const made = Array.from({ length: 5000 }, () => systemIds.next("aud"));
    expect(new Set(made).size).toBe(made.length);
    expect(made.toSorted()).toEqual(made);
  });

  it("keep the text they are made of", () => {
    expect(idOf("req", "1")).toBe("req_1");
    expect(knownId<PoolId>("gd-extranet-kunpeng")).toBe("gd-extranet-kunpeng");
  });
});
