import nock from "nock";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Ec2Connection } from "../../providers/ec2/connection.ts";
import { ec2Provider } from "../../providers/ec2/provider.ts";
import type { CloudProvider } from "../../providers/port.ts";
import { EC2_RECORDED } from "../fixtures/ec2/recorded.ts";
import { faultOf } from "./target.ts";

/** The adapter against what a real service has answered, and nothing else: every request must be one of these. */

const { session, seen } = EC2_RECORDED;
const ENDPOINT = "http://127.0.0.1:5006";
const image = String(seen.image);
const ownership = {
  installation: "recorded",
  tenancyId: "ten_1",
  placementId: "plc_1",
  organizationId: "org-1",
};
const SPEC = {
  ownership,
  name: "plc-1",
  displayName: "Recorded",
  pool: "wide",
  zone: "extranet",
  quota: { VCPU: 16, MEMORY_GIB: 64 },
  accessGroup: "org-1",
  suspended: false,
} as const;
const INSTANCE = {
  ownership,
  name: "app-1",
  vcpu: 2,
  memoryGiB: 4,
  diskGiB: 20,
  image,
  architecture: "intel",
};

let provider: CloudProvider;
let left: typeof session;

beforeEach(() => {
  left = [...session];
  provider = ec2Provider(
    Ec2Connection.parse({
      endpoint: ENDPOINT,
      region: "cn-north-1",
      accessKeyId: "AKIARECORDED",
      secretAccessKey: "recorded",
      imageOwners: ["amazon"],
      settleMs: 0,
      pools: {
        wide: { availabilityZones: ["cn-north-1a"], architecture: "x86_64", total: { VCPU: 100 } },
      },
    }),
  );
});

afterEach(() => {
  nock.cleanAll();
  nock.restore();
});

/** Calls at once come in any order, so each takes the first answer that is left for its request. */
function replay(): void {
  if (!nock.isActive()) nock.activate();
  nock(ENDPOINT)
    .post("/")
    .times(session.length)
    .reply((_path, body) => {
      const request = new URLSearchParams(body as Record<string, string>).toString();
      const index = left.findIndex((exchange) => sameForm(exchange.request, request));
      const [exchange] = index < 0 ? [] : left.splice(index, 1);
      if (exchange === undefined) return [599, `unexpected: ${request}`];
      return [exchange.status, exchange.response, { "content-type": "text/xml" }];
    });
}

/** Token and all, but for the one that the vendor's client makes up where none is given. */
function sameForm(left: string, right: string): boolean {
  const pairs = (form: string) =>
    JSON.stringify(
      [...new URLSearchParams(form)]
        .filter(([name]) => !(name === "ClientToken" && form.includes("Action=CreateLaunchTemplate")))
        .sort(),
    );
  return pairs(left) === pairs(right);
}

test("one life of a tenancy asks the same and sees the same", async () => {
  replay();
  expect(await provider.probe()).toEqual(seen.version);
  expect(await provider.ensureTenancy(SPEC, "t1")).toEqual(seen.made);
  const smaller = { ...SPEC, quota: { ...SPEC.quota, VCPU: 8 } };
  expect(await provider.ensureTenancy(smaller, "t2")).toEqual(seen.again);
  expect(await provider.ensureInstance("plc-1", INSTANCE, "t3")).toEqual(seen.launched);
  expect(await provider.ensureInstance("plc-1", INSTANCE, "t3")).toEqual(seen.repeated);
  expect(await provider.listInstances("plc-1")).toEqual(seen.instances);
  expect(await provider.readUsage("plc-1")).toEqual(seen.usage);
  expect(await provider.listTenancies({ limit: 5 })).toEqual(seen.tenancies);
  expect(await provider.listNetworks("plc-1")).toEqual(seen.networks);
  await provider.removeInstance("plc-1", "app-1");
  expect((await faultOf(provider.removeInstance("plc-1", "app-1"))).kind).toBe("NotFound");
  await provider.removeTenancy("plc-1");
  expect((await faultOf(provider.removeTenancy("plc-1"))).kind).toBe(seen.gone);
  expect(left).toEqual([]);
});
