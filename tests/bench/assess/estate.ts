import type { EstateTenancy } from "../../../control-plane/compliance/estate-judge.ts";
import type { SnapshotCloud, SnapshotPool } from "../../../control-plane/placement/snapshot.ts";
import { DEFAULT_FACTS } from "../../../control-plane/policy/default-facts.ts";
import type { RequestFacts, SiteFacts } from "../../../control-plane/policy/facts.ts";
import type { ObservedPlacement } from "../../../control-plane/provisioning/desired.ts";
import type { Topology } from "../../../control-plane/reports/facts-now.ts";

export const CLOUDS = 33;
export const TODAY = "2026-11-20";
const MACHINES = 5;
const IMAGES = ["kylin-v10-sp3", "openeuler-22.03", "uos-20", "centos-7", "windows-2012"];
const pick = <Value>(values: readonly [Value, ...Value[]], n: number): Value =>
  values[n % values.length] ?? values[0];

/** What tenancy `n` was granted: spread over grades, classes of data, sizes and terms. */
export function grantedAt(n: number): RequestFacts {
  const { request } = DEFAULT_FACTS;
  const vcpu = 4 * (1 + (n % 24));
  const days = 180 + 30 * (n % 30);
  return {
    ...request,
    environment: pick(["production", "production", "production", "test"], n),
    projectApprovalNo: n % 50 === 0 ? "" : `粤数政务〔2026〕${n % 900}号`,
    system: {
      id: `sys_${n % 420}`,
      name: `业务系统${n % 420}`,
      mlpsLevel: pick([2, 3, 3, 4], Math.floor(n / 3)),
      dataClass: pick(["general", "important", "core"], Math.floor(n / 5)),
      // Filed is the system, not each tenancy that it runs in.
      filingNo: (n % 420) % 40 === 0 ? "" : `44${n % 420}`,
    },
    network: { zones: ["extranet"], internetExposed: n % 9 === 0 },
    requirements: { ...request.requirements, xinchuang: n % 2 === 0 },
    resources: quotaOf(vcpu, n),
    recovery: {
      ...request.recovery,
      class: pick(["remote", "same_city", "none"], n),
      rpoMinutes: 15 * (n % 7),
    },
    term: { start: "2026-01-01", end: `20${27 + (n % 3)}-12-31`, days },
  };
}

function quotaOf(vcpu: number, n: number): RequestFacts["resources"] {
  return {
    VCPU: vcpu,
    MEMORY_GIB: vcpu * (2 + (n % 8)),
    BLOCK_STORAGE_GIB: 100 * (1 + (n % 220)),
    OBJECT_STORAGE_GIB: 0,
    PUBLIC_IPV4: n % 6,
    BANDWIDTH_MBPS: 0,
    GPU: 0,
  };
}

/** What a cloud shows of tenancy `n`: the quota as set and five machines. */
export function observedAt(n: number, key: string, pool: string): ObservedPlacement {
  const ownership = {
    installation: "yunheng",
    tenancyId: `ten_${key}`,
    placementId: `plc_${key}`,
    organizationId: `dept-${n % 420}`,
  };
  const ref = `project-${key}`;
  return {
    tenancy: {
      ref,
      name: `plc-${key}`,
      ownership: n % 200 === 0 ? null : ownership,
      state: "active",
      displayName: `业务系统${n % 420}`,
      pool,
      zone: "extranet",
      quota: quotaOf(4 * (1 + (n % 24)), n),
      accessGroup: `dept-${n % 420}`,
      isolated: n % 60 !== 0,
      message: null,
    },
    instances: Array.from({ length: MACHINES }, (_, index) => ({
      ref: `${ref}-${index}`,
      tenancyRef: ref,
      name: `app-${index + 1}`,
      ownership,
      state: (n + index) % 70 === 0 ? "error" : "active",
      vcpu: 2 + 2 * (n % 4),
      memoryGiB: 8 * (1 + ((n + index) % 8)),
      diskGiB: 20 * (1 + ((n + index) % 40)),
      image: pick(IMAGES as [string, ...string[]], n + index),
      message: null,
    })),
  };
}

export function keyOf(n: number): string {
  return String(n).padStart(10, "0");
}

/** As it would be read from the tables. */
export function tenancyAt(n: number): EstateTenancy {
  const key = keyOf(n);
  const granted = grantedAt(n);
  const cloudId = `cloud-${n % CLOUDS}`;
  const poolId = `${cloudId}-p${1 + (n % 2)}`;
  return {
    id: `ten_${key}`,
    tenancyId: `ten_${key}`,
    granted,
    organization: organizationAt(n % 420),
    organizationPath: `/gd/dept-${n % 420}/`,
    system: { mlpsLevel: granted.system.mlpsLevel, dataClass: granted.system.dataClass },
    systemId: granted.system.id,
    systemName: granted.system.name,
    parts: [
      {
        id: `plc_${key}`,
        role: "primary",
        cloudId,
        poolId,
        amounts: { VCPU: granted.resources.VCPU },
        observed: observedAt(n, key, poolId),
      },
    ],
  };
}

const ORGANIZATIONS = Array.from({ length: 420 }, (_, n) => ({
  ...DEFAULT_FACTS.organization,
  id: `dept-${n}`,
  level: pick(["province", "city", "county"] as const, n),
  sector: n % 2 === 0 ? "health" : "education",
}));

function organizationAt(n: number) {
  const found = ORGANIZATIONS[n];
  if (found === undefined) throw new RangeError(`no organization ${n}`);
  return found;
}

/** 33 clouds of two pools each, as different as those of a province. */
export function benchSites(): ReadonlyMap<string, SiteFacts> {
  return new Map(Array.from({ length: CLOUDS }, (_, n) => [`cloud-${n}`, { ...DEFAULT_FACTS.site }]));
}

export function benchTopology(): Topology {
  const clouds = Array.from({ length: CLOUDS }, (_, n): [string, SnapshotCloud] => {
    const id = `cloud-${n}`;
    const facts = {
      ...DEFAULT_FACTS.cloud,
      id,
      tier: pick(["municipal", "municipal", "industry"], n),
      sector: n % 3 === 2 ? "health" : "",
      mlpsLevel: pick([3, 3, 4, 2], n),
    };
    const name = { zh: `云${n}`, en: `Cloud ${n}` };
    return [id, { id, name, status: "active", stale: false, facts, quotaChain: null } as never];
  });
  const pools = clouds.flatMap(([cloudId], n) =>
    [1, 2].map((p): [string, SnapshotPool] => {
      const { reservePercent: _, ...facts } = {
        ...DEFAULT_FACTS.pool,
        id: `${cloudId}-p${p}`,
        zone: pick(["extranet", "internet"], p),
        architecture: pick(["kunpeng", "phytium", "hygon", "intel"], n + p),
        xinchuang: (n + p) % 4 !== 3,
        mlpsLevel: pick([3, 2, 4], n + p),
        encryption: (n + p) % 3 !== 0,
        faultDomains: 1 + ((n + p) % 3),
      };
      return [
        facts.id,
        {
          id: facts.id,
          cloudId,
          name: { zh: "资源池", en: "Pool" },
          status: "active",
          faultDomain: "",
          facts,
          inventories: {},
        } as never,
      ];
    }),
  );
  return { clouds: new Map(clouds), pools: new Map(pools), jurisdictions: new Map() };
}
