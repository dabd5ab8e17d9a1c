import nock from "nock";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ProviderFault } from "../faults.ts";
import { simulatedProvider } from "./provider.ts";

/** What proxies, overloaded clouds and new versions really answer; no emulator would. */

const HOST = "http://cloud.test";
const BASE = "/portal/simulated/gd-01/v1";
const provider = simulatedProvider({ url: `${HOST}/portal/`, token: "t0ken", cloud: "gd-01" });

const TENANCY = {
  id: "prj-1",
  name: "t-1",
  displayName: "T",
  ownership: null,
  state: "active",
  suspended: false,
  pool: "ext",
  zone: "extranet",
  quota: { VCPU: 8 },
  accessGroup: null,
  ingress: "deny",
  message: null,
};

const SPEC = {
  ownership: { installation: "gd", tenancyId: "ten_1", placementId: "plc_1", organizationId: "org" },
  name: "t-1",
  displayName: "T",
  pool: "ext",
  zone: "extranet" as const,
  quota: { VCPU: 8 },
  accessGroup: "g",
  suspended: false,
};

beforeAll(() => {
  // A file before this one may have taken it out.
  if (!nock.isActive()) nock.activate();
  nock.disableNetConnect();
});
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

async function faultOf(call: Promise<unknown>): Promise<ProviderFault> {
  const error = await call.catch((reason: unknown) => reason);
  if (error instanceof ProviderFault) return error;
  throw new Error("expected a ProviderFault", { cause: error });
}

describe("a success that cannot be read is Unavailable", () => {
  const whole = JSON.stringify(TENANCY);
  test.each([
    ["truncated JSON", whole.slice(0, 60)],
    ["nothing", ""],
    ["the login page of a proxy", "<!DOCTYPE html><title>Sign in</title>"],
    ["a missing field", JSON.stringify({ ...TENANCY, quota: undefined })],
    ["a field of another type", JSON.stringify({ ...TENANCY, quota: { VCPU: "8" } })],
    ["a fraction of a unit", JSON.stringify({ ...TENANCY, quota: { VCPU: 0.5 } })],
    ["a list in place of an object", "[]"],
    ["null", "null"],
  ])("%s", async (_, body) => {
    nock(HOST).get(`${BASE}/tenancies/t-1`).reply(200, body);
    const fault = await faultOf(provider.getTenancy("t-1"));
    expect(fault).toMatchObject({ kind: "Unavailable", vendorCode: "unreadable_reply" });
  });

  test("a page that does not say whether it is whole", async () => {
    nock(HOST).get(`${BASE}/tenancies`).reply(200, { items: [], next: null });
    expect((await faultOf(provider.listTenancies())).kind).toBe("Unavailable");
  });
});

describe("a proxy in the way", () => {
  const page = "<html><body><h1>502 Bad Gateway</h1></body></html>";

  test("its error page is Unavailable, with the status as code", async () => {
    nock(HOST).get(`${BASE}/version`).reply(502, page, { "content-type": "text/html" });
    expect(await faultOf(provider.probe())).toMatchObject({ kind: "Unavailable", vendorCode: "http_502" });
  });

  test("its 404 does not finish a removal", async () => {
    nock(HOST).delete(`${BASE}/tenancies/t-1`).reply(404, page);
    expect((await faultOf(provider.removeTenancy("t-1"))).kind).toBe("Unavailable");
  });

  test("its 404 does not start a creation", async () => {
    nock(HOST).get(`${BASE}/tenancies/t-1`).reply(404, page);
    expect((await faultOf(provider.ensureTenancy(SPEC, "token"))).kind).toBe("Unavailable");
  });

  test("a redirect is not followed, so that the token stays here", async () => {
    const elsewhere = nock("http://elsewhere.test").get("/").reply(200, { version: "1" });
    nock(HOST).get(`${BASE}/version`).reply(302, "", { location: "http://elsewhere.test/" });
    expect((await faultOf(provider.probe())).kind).toBe("Unavailable");
    expect(elsewhere.isDone()).toBe(false);
    nock.cleanAll();
  });
});

describe("the wire", () => {
  test("carries token, request id and client token, and the whole spec", async () => {
    const notFound = { error: { code: "not_found", message: "no" } };
    const ours = { ...TENANCY, ownership: SPEC.ownership, accessGroup: "g" };
    nock(HOST, { reqheaders: { authorization: "Bearer t0ken", "x-request-id": "req-9" } })
      .get(`${BASE}/tenancies/t-1`)
      .reply(404, notFound)
      .post(`${BASE}/tenancies`, { ...SPEC })
      .matchHeader("client-token", "intent-1")
      .reply(201, ours);
    const made = await provider.ensureTenancy(SPEC, "intent-1", { requestId: "req-9" });
    expect(made).toMatchObject({ ref: "prj-1", ownership: SPEC.ownership });
  });

  test("a tenancy that somebody else of the same name made meanwhile is not taken over", async () => {
    nock(HOST)
      .get(`${BASE}/tenancies/t-1`)
      .reply(404, { error: { code: "not_found", message: "no" } })
      .post(`${BASE}/tenancies`)
      .reply(409, { error: { code: "name_taken", message: "exists" } })
      .get(`${BASE}/tenancies/t-1`)
      .reply(200, TENANCY);
    const fault = await faultOf(provider.ensureTenancy(SPEC, "intent-1"));
    expect(fault).toMatchObject({ kind: "Conflict", vendorCode: "foreign_owner" });
  });

  test("names are encoded and cannot leave their place in the path", async () => {
    nock(HOST)
      .delete(`${BASE}/tenancies/..%2F..%2Fadmin%3Fx`)
      .reply(404, { error: { code: "not_found", message: "no" } });
    expect((await faultOf(provider.removeTenancy("../../admin?x"))).kind).toBe("NotFound");
  });

  test("a connection that breaks in the middle is Unavailable", async () => {
    nock(HOST)
      .get(`${BASE}/images`)
      .replyWithError(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }));
    expect((await faultOf(provider.listImages())).kind).toBe("Unavailable");
  });

  test("an error of the cloud keeps its request id for the log", async () => {
    nock(HOST)
      .get(`${BASE}/images`)
      .reply(503, { error: { code: "maintenance", message: "m" } }, { "x-cloud-request-id": "cr-7" });
    expect(await faultOf(provider.listImages())).toMatchObject({
      vendorCode: "maintenance",
      vendorRequestId: "cr-7",
    });
  });
});
