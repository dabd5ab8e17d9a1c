import { describe, expect, test } from "vitest";
import { fetchCode, kindOfStatus, retryAfterMs, unanswered, unreadable } from "./wire-faults.ts";

test.each([
  [401, "Denied"],
  [404, "NotFound"],
  [409, "Conflict"],
  [418, "Invalid"],
  [429, "Throttled"],
  [500, "Unavailable"],
  [507, "Capacity"],
])("%i says %s where nothing else does", (status, kind) => {
  expect(kindOfStatus(status)).toBe(kind);
});

describe("no answer", () => {
  test("names the network's reason", () => {
    const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    const failed = new TypeError("fetch failed", { cause: refused });
    expect(unanswered(failed, undefined, fetchCode(failed))).toMatchObject({
      kind: "Unavailable",
      vendorCode: "ECONNREFUSED",
    });
  });

  test("tells a caller who gave up from a cloud that failed", () => {
    const failed = new Error("x");
    expect(unanswered(failed, AbortSignal.abort(), undefined).vendorCode).toBe("aborted");
    expect(unanswered(failed, new AbortController().signal, fetchCode(failed)).vendorCode).toBe("network");
  });

  test("nor is one that cannot be read", () => {
    expect(unreadable(new Error("x"))).toMatchObject({ kind: "Unavailable", vendorCode: "unreadable_reply" });
  });
});

test("a pause in seconds or until a date, by the server's own clock", () => {
  const asked = (headers: Readonly<Record<string, string>>) => retryAfterMs((name) => headers[name]);
  const date = "Wed, 01 Jul 2026 00:00:00 GMT";
  expect(asked({ "retry-after": "7" })).toBe(7_000);
  expect(asked({ "retry-after": "Wed, 01 Jul 2026 00:00:10 GMT", date })).toBe(10_000);
  expect(asked({ "retry-after": "soon", date })).toBeNull();
  expect(asked({})).toBeNull();
});
