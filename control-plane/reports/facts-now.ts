import { amountOf, RESOURCE_CLASSES, type ResourceVector } from "../kernel/quantity.ts";
import { distanceKm } from "../placement/geography.ts";
import { reservePercent } from "../placement/inventory.ts";
import { NO_RECOVERY } from "../placement/recovery-facts.ts";
import type { PlacementSnapshot, SnapshotCloud, SnapshotPool } from "../placement/snapshot.ts";
import type { OrganizationFacts, PlacementFacts, RecoveryFacts, RequestFacts } from "../policy/facts.ts";

/** Clouds and pools as they are now; loaded once per report. */
export interface Topology {
  readonly clouds: ReadonlyMap<string, SnapshotCloud>;
  readonly pools: ReadonlyMap<string, SnapshotPool>;
  readonly jurisdictions: PlacementSnapshot["jurisdictions"];
}

export function topologyOf(
  snapshot: Pick<PlacementSnapshot, "clouds" | "pools" | "jurisdictions">,
): Topology {
  return {
    clouds: new Map(snapshot.clouds.map((cloud) => [cloud.id, cloud])),
    pools: new Map(snapshot.pools.map((pool) => [pool.id, pool])),
    jurisdictions: snapshot.jurisdictions,
  };
}

export interface Part {
  readonly role: "primary" | "edge" | "recovery";
  readonly cloudId: string;
  readonly poolId: string;
  readonly amounts: ResourceVector;
}

export interface JudgedTenancy {
  readonly tenancyId: string;
  readonly granted: RequestFacts;
  readonly organization: OrganizationFacts;
  /** As it is registered now: a system that was graded higher since is judged by its new level. */
  readonly system: Pick<RequestFacts["system"], "mlpsLevel" | "dataClass"> | null;
  readonly parts: readonly Part[];
}

/**
 * What policies see of one part of a running tenancy: asked for as on the first day, so that rules for new
 * requests apply too, but with today's registers, clouds and pools. What it holds fits, since it is held.
 */
export function factsNow(
  topology: Topology,
  today: string,
  tenancy: JudgedTenancy,
  part: Part,
): PlacementFacts {
  const { cloud, pool } = seatOf(topology, part);
  const { tenancyId, granted, organization, system } = tenancy;
  const resources = { ...granted.resources };
  for (const name of RESOURCE_CLASSES) resources[name] = amountOf(part.amounts, name);
  return {
    today,
    request: { ...granted, kind: "create", tenancyId, resources, system: { ...granted.system, ...system } },
    organization,
    cloud: cloud.facts,
    pool: { ...pool.facts, reservePercent: reservePercent(pool, part.amounts) },
    recovery: recoveryNow(topology, tenancy.parts),
    part: { role: part.role },
    fit: { capacity: true, quota: true },
  };
}

function recoveryNow(topology: Topology, parts: readonly Part[]): RecoveryFacts {
  const primary = parts.find(({ role }) => role === "primary");
  const copy = parts.find(({ role }) => role === "recovery");
  if (primary === undefined || copy === undefined) return NO_RECOVERY;
  const home = seatOf(topology, primary).cloud.facts;
  const { jurisdiction, country, mlpsLevel } = seatOf(topology, copy).cloud.facts;
  return {
    cloudId: copy.cloudId,
    poolId: copy.poolId,
    jurisdiction,
    country,
    distanceKm: distanceKm(topology.jurisdictions, home.jurisdiction, jurisdiction),
    mlpsLevel,
  };
}

function seatOf({ clouds, pools }: Topology, { cloudId, poolId }: Part) {
  const cloud = clouds.get(cloudId);
  const pool = pools.get(poolId);
  if (cloud === undefined || pool === undefined) throw new Error(`placement in an unknown pool ${poolId}`);
  return { cloud, pool };
}
