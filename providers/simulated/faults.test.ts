import { describe, expect, test } from "vitest";
import { faultFromReply } from "./faults.ts";

function reply(
  status: number,
  body: unknown = { error: { code: "x", message: "host db-7 said no" } },
  headers = {},
) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return faultFromReply({ status, headers: new Headers(headers), body: text });
}

function coded(status: number, code: string) {
  return reply(status, { error: { code, message: "m" } });
}

describe("an answer", () => {
  test.each([
    [404, "NotFound"],
    [409, "Conflict"],
    [507, "Capacity"],
    [429, "Throttled"],
    [401, "Denied"],
    [403, "Denied"],
    [400, "Invalid"],
    [422, "Invalid"],
    [418, "Invalid"],
    [408, "Unavailable"],
    [500, "Unavailable"],
    [504, "Unavailable"],
    [302, "Unavailable"],
  ] as const)("%i is %s", (status, kind) => {
    expect(reply(status).kind).toBe(kind);
  });

  test("a code that says more than the status wins", () => {
    expect(coded(409, "capacity").kind).toBe("Capacity");
    expect(coded(403, "quota_exceeded").kind).toBe("Capacity");
  });

  test("only the cloud itself can say that an object is gone", () => {
    expect(coded(404, "unknown_cloud").kind).toBe("Invalid");
    expect(reply(404, "<html>nginx</html>").kind).toBe("Unavailable");
  });

  test("the cloud's words stay private", () => {
    const fault = reply(409);
    expect(fault.message).not.toContain("db-7");
    expect(JSON.stringify(fault.cause)).toContain("db-7");
  });

  test.each([
    [{ "retry-after": "3" }, 3_000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "Wed, 01 Jul 2026 00:00:10 GMT", date: "Wed, 01 Jul 2026 00:00:00 GMT" }, 10_000],
    [{ "retry-after": "Wed, 01 Jul 2026 00:00:00 GMT", date: "Wed, 01 Jul 2026 00:00:10 GMT" }, 0],
    [{ "retry-after": "Wed, 01 Jul 2026 00:00:10 GMT" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ])("%j asks for %s ms", (headers, expected) => {
    expect(reply(429, undefined, headers).retryAfterMs).toBe(expected);
  });
});
