import { inspect } from "node:util";
import { ApiException } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import { faultFrom } from "./faults.ts";

function reply(code: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return faultFrom(new ApiException(code, "m", text, headers), undefined);
}

function status(reason: string, message: string, details?: object) {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, details };
}

describe("what the API server says", () => {
  test.each([
    [404, status("NotFound", 'namespaces "t" not found', { name: "t", kind: "namespaces" }), "NotFound"],
    [403, status("Forbidden", 'pods "p" is forbidden: exceeded quota: tenancy, requested: …'), "Capacity"],
    [500, status("InternalError", "etcdserver: mvcc: database space exceeded"), "Capacity"],
    [409, status("AlreadyExists", 'namespaces "t" already exists'), "Conflict"],
    [409, status("Conflict", "Apply failed with 1 conflict"), "Conflict"],
    [410, status("Expired", "The provided continue parameter is too old"), "Conflict"],
    [403, status("Forbidden", "… in namespace t because it is being terminated"), "Conflict"],
    [422, status("Invalid", 'metadata.uid: Invalid value: "1": field is immutable'), "Conflict"],
    [429, status("TooManyRequests", "slow down"), "Throttled"],
    [401, status("Unauthorized", "Unauthorized"), "Denied"],
    [403, status("Forbidden", "nodes is forbidden: User cannot list"), "Denied"],
    [403, status("Forbidden", 'pods "p" is forbidden: status unknown for quota: tenancy'), "Unavailable"],
    [504, status("Timeout", "request did not complete"), "Unavailable"],
    [500, "", "Unavailable"],
    [400, status("BadRequest", "invalid continue token"), "Invalid"],
    [422, status("Invalid", "metadata.name: Invalid value"), "Invalid"],
    [403, status("Forbidden", "maximum cpu usage per Container is 4, but limit is 6"), "Invalid"],
    [403, status("Forbidden", 'pods "p" is forbidden: violates PodSecurity "restricted"'), "Invalid"],
  ] as const)("%i %j is %s", (code, body, kind) => {
    expect(reply(code, body).kind).toBe(kind);
  });

  test("a 404 of a proxy, or of an API that is not served, removes nothing", () => {
    expect(reply(404, "<html>no such site</html>").kind).toBe("Unavailable");
    expect(reply(404, status("NotFound", "the server could not find the requested resource", {})).kind).toBe(
      "Invalid",
    );
  });

  test("the reason and the audit id are kept for the log, the words do not get out", () => {
    const fault = reply(403, status("Forbidden", "secret words"), { "audit-id": "a-1" });
    expect(fault).toMatchObject({ vendorCode: "Forbidden", vendorRequestId: "a-1" });
    expect(fault.message).not.toContain("secret");
    expect(inspect(fault.cause)).toContain("secret words");
  });
});

describe("how long to wait", () => {
  test.each([
    [{ "retry-after": "3" }, undefined, 3_000],
    // An hour ahead of ours: only the difference to its own clock counts.
    [
      { "retry-after": "Wed, 01 Jul 2026 09:00:05 GMT", date: "Wed, 01 Jul 2026 09:00:00 GMT" },
      undefined,
      5_000,
    ],
    [{ "retry-after": "Wed, 01 Jul 2026 09:00:00 GMT", date: "Wed, 01 Jul 2026 09:00:05 GMT" }, undefined, 0],
    [{}, { retryAfterSeconds: 2 }, 2_000],
    [{ "retry-after": "soon" }, undefined, undefined],
    [{}, undefined, undefined],
  ] as const)("%j %j is %s ms", (headers, details, ms) => {
    expect(reply(429, status("TooManyRequests", "", details), { ...headers }).retryAfterMs).toBe(ms);
  });
});

test("no answer at all is Unavailable, with the reason of the network", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  expect(faultFrom(refused, undefined)).toMatchObject({ kind: "Unavailable", vendorCode: "ECONNREFUSED" });
  const aborted = faultFrom(new Error("aborted"), AbortSignal.abort());
  expect(aborted).toMatchObject({ kind: "Unavailable", vendorCode: "aborted" });
  const unreadable = faultFrom(new SyntaxError("Unexpected token"), undefined);
  expect(unreadable).toMatchObject({ kind: "Unavailable", vendorCode: "unreadable_reply" });
});
