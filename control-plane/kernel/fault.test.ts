import { describe, expect, it } from "vitest";
import { Fault, fault, isFault } from "./fault.ts";
import { FAULT_CODES } from "./fault-codes.ts";

describe("a fault", () => {
  it("carries its code's status, public details and a private cause", () => {
    const cause = new Error("row 17 of quota_nodes");
    const thrown = fault("quota.exceeded", { dimension: "VCPU", missing: 12 }, { cause });
    expect(thrown).toBeInstanceOf(Error);
    expect(thrown).toMatchObject({ name: "Fault", code: "quota.exceeded", status: 409 });
    expect(thrown.details).toEqual({ dimension: "VCPU", missing: 12 });
    expect(thrown.cause).toBe(cause);
    expect(thrown.message).not.toContain("row 17");
  });

  it("is told from other errors, and by its code", () => {
    const thrown: unknown = fault("hold.expired");
    expect(isFault(thrown)).toBe(true);
    expect(isFault(thrown, "hold.expired")).toBe(true);
    expect(isFault(thrown, "quota.exceeded")).toBe(false);
    expect(isFault(new Error("hold.expired"))).toBe(false);
    expect(isFault({ code: "hold.expired" })).toBe(false);
    expect(thrown instanceof Fault && thrown.details).toEqual({});
  });
});

describe("fault codes", () => {
  it.each(Object.entries(FAULT_CODES))(
    "%s is well formed, an error, and titled in both languages",
    (code, entry) => {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/);
      expect(entry.status).toBeGreaterThanOrEqual(400);
      expect(entry.status).toBeLessThan(600);
      expect(entry.title.zh).toMatch(/\p{Script=Han}/u);
      expect(entry.title.en).toMatch(/^[\x20-\x7e]+$/);
    },
  );
});
