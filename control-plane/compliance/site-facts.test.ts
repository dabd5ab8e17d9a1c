import { describe, expect, it } from "vitest";
import { DEFAULT_FACTS } from "../policy/default-facts.ts";
import type { SiteFacts } from "../policy/facts.ts";
import type { Topology } from "../reports/facts-now.ts";
import { type SiteRecord, sitesOf } from "./site-facts.ts";

const { reservePercent: _, ...facts } = DEFAULT_FACTS.pool;
const topology = {
  clouds: new Map(),
  pools: new Map([
    ["p1", { cloudId: "guangzhou", facts }],
    ["p2", { cloudId: "shenzhen", facts: { ...facts, id: "p2" } }],
  ]),
  jurisdictions: new Map(),
} as unknown as Topology;

const record: SiteRecord = {
  cloudId: "guangzhou",
  kind: "openstack",
  connection: { authUrl: "https://cloud.example:5000/v3", proxy: "http://proxy.example:3128" },
  reachable: true,
  syncedOn: "2026-11-20",
  credential: { fields: ["clientCertificate", "clientKey"], setOn: "2026-11-01" },
  strays: 2,
  removalsWithoutReceipt: 1,
};

const site = (change: Partial<SiteRecord> = {}): SiteFacts | undefined =>
  sitesOf(topology, "2026-11-20", [{ ...record, ...change }]).get("guangzhou");

describe("a cloud as a whole", () => {
  it("has its own pools and what was found in it", () => {
    expect(site()).toMatchObject({ kind: "openstack", strays: 2, removalsWithoutReceipt: 1 });
    expect(site()?.pools.map(({ id }) => id)).toEqual([facts.id]);
  });

  it("is managed in secret when no address of the cloud itself is plain", () => {
    expect(site()?.encryptedManagement).toBe(true);
    const connection = { sts: { endpoint: "http://sts.example" }, endpoint: "https://ec2.example" };
    expect(site({ connection })?.encryptedManagement).toBe(false);
  });

  it("knows the control plane by certificate where the credential has one", () => {
    expect(site()?.clientCertificate).toBe(true);
    expect(site({ credential: { fields: ["token"], setOn: "2026-11-01" } })?.clientCertificate).toBe(false);
  });

  it("counts days, and says where nothing ever happened", () => {
    expect(site()).toMatchObject({ daysSinceSync: 0, credentialAgeDays: 19 });
    expect(site({ syncedOn: "2026-11-18" })?.daysSinceSync).toBe(2);
    expect(site({ syncedOn: null, credential: null })).toMatchObject({
      daysSinceSync: -1,
      credentialAgeDays: -1,
      clientCertificate: false,
    });
  });
});
