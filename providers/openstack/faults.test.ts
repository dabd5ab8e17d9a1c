import { describe, expect, test } from "vitest";
import { faultFromReply, partialList } from "./faults.ts";

const REQUEST = "req-0d7323dc-1a26-4882-80d5-a3c79a3da414";

function reply(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return faultFromReply({ status, headers: new Headers(headers), body: text });
}

const nova = (key: string, code: number, message = "host db-7 said no") => ({ [key]: { code, message } });
const neutron = (type: string, message = "m") => ({ NeutronError: { type, message, detail: "" } });
const keystone = (code: number, title: string) => ({ error: { code, title, message: "m" } });

describe("an answer", () => {
  test.each([
    [401, keystone(401, "Unauthorized"), "Denied", "Unauthorized"],
    [403, keystone(403, "Forbidden"), "Denied", "Forbidden"],
    [404, keystone(404, "Not Found"), "NotFound", "Not Found"],
    [409, keystone(409, "Conflict"), "Conflict", "Conflict"],
    [400, nova("badRequest", 400), "Invalid", "badRequest"],
    [
      403,
      nova("forbidden", 403, "Quota exceeded for cores: Requested 2, but already used 6 of 6 cores"),
      "Capacity",
      "forbidden",
    ],
    [403, nova("forbidden", 403, "Policy doesn't allow it"), "Denied", "forbidden"],
    [409, nova("conflictingRequest", 409), "Conflict", "conflictingRequest"],
    [404, nova("itemNotFound", 404), "NotFound", "itemNotFound"],
    [
      413,
      nova("overLimit", 413, "VolumeSizeExceedsAvailableQuota: Requested volume exceeds quota"),
      "Capacity",
      "overLimit",
    ],
    [413, nova("overLimit", 413, "This request was rate-limited."), "Throttled", "overLimit"],
    [429, nova("overLimit", 429, "This request was rate-limited."), "Throttled", "overLimit"],
    [
      400,
      nova(
        "badRequest",
        400,
        "Quota limit 2 for cores must be greater than or equal to already used and reserved 6.",
      ),
      "Conflict",
      "badRequest",
    ],
    [500, nova("computeFault", 500), "Unavailable", "computeFault"],
    [503, nova("serviceUnavailable", 503), "Unavailable", "serviceUnavailable"],
    [409, neutron("OverQuota"), "Capacity", "OverQuota"],
    [409, neutron("IpAddressGenerationFailure"), "Capacity", "IpAddressGenerationFailure"],
    [409, neutron("NetworkInUse"), "Conflict", "NetworkInUse"],
    [412, neutron("RevisionNumberConstraintFailed"), "Conflict", "RevisionNumberConstraintFailed"],
    [
      409,
      { errors: [{ status: 409, title: "Conflict", detail: "d", code: "placement.concurrent_update" }] },
      "Conflict",
      "placement.concurrent_update",
    ],
    [502, "<html>bad gateway</html>", "Unavailable", "http_502"],
    [302, "", "Unavailable", "http_302"],
  ] as const)("%i %j is %s", (status, body, kind, vendorCode) => {
    expect(reply(status, body)).toMatchObject({ kind, vendorCode });
  });

  test("only the service itself can say that an object is gone", () => {
    expect(reply(404, "<html>nginx</html>").kind).toBe("Unavailable");
    // Glance answers with a page, but names its request.
    expect(reply(404, "<html>404 Not Found</html>", { "x-openstack-request-id": REQUEST }).kind).toBe(
      "NotFound",
    );
  });

  test("carries the request id and the words for the log only", () => {
    const fault = reply(409, nova("conflictingRequest", 409), { "x-compute-request-id": REQUEST });
    expect(fault.vendorRequestId).toBe(REQUEST);
    expect(fault.message).not.toContain("db-7");
    expect(JSON.stringify(fault.cause)).toContain("db-7");
  });

  test.each([
    [{ "retry-after": "3" }, 3_000],
    [{ "retry-after": "Wed, 01 Jul 2026 00:00:10 GMT", date: "Wed, 01 Jul 2026 00:00:00 GMT" }, 10_000],
    [{ "retry-after": "Wed, 01 Jul 2026 00:00:00 GMT", date: "Wed, 01 Jul 2026 00:00:10 GMT" }, 0],
    [{ "retry-after": "Wed, 01 Jul 2026 00:00:10 GMT" }, undefined],
    [{ "retry-after": "soon" }, undefined],
  ])("%j asks for %s ms, by the cloud's own clock", (headers, expected) => {
    expect(reply(429, nova("overLimit", 429), headers).retryAfterMs).toBe(expected);
  });
});

test("half a list is Unavailable", () => {
  expect(partialList()).toMatchObject({ kind: "Unavailable", vendorCode: "partial_list" });
});
