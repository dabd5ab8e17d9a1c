import { and, asc, count, eq, gt, inArray, type SQL } from "drizzle-orm";
import { organizations, systems } from "../db/schema/organizations.ts";
import { claims } from "../db/schema/quota.ts";
import { placements, tenancies } from "../db/schema/tenancies.ts";
import type { Tx } from "../db/tx.ts";
import { knownId, type PlacementId, type TenancyId } from "../kernel/ids.ts";
import { type ResourceVector, vectorOf } from "../kernel/quantity.ts";
import { loadTopology, organizationFacts } from "../placement/load-snapshot.ts";
import { type Topology, topologyOf } from "../reports/facts-now.ts";
import { LIVE } from "../requests/lifecycle.ts";
import type { EstateTenancy, OrganizationInPlace } from "./estate-judge.ts";
import type { SiteRecord } from "./site-facts.ts";
import { loadSites } from "./site-rows.ts";

/** What is the same for all tenancies, read once for a run. */
export interface EstateFrame {
  readonly topology: Topology;
  readonly sites: readonly SiteRecord[];
  readonly organizations: readonly OrganizationInPlace[];
}

export async function loadFrame(tx: Tx): Promise<EstateFrame> {
  const rows = await tx.select().from(organizations).orderBy(asc(organizations.id));
  return {
    topology: topologyOf(await loadTopology(tx)),
    sites: await loadSites(tx),
    organizations: rows.map((row) => ({ facts: organizationFacts(row), path: row.path, name: row.nameZh })),
  };
}

export async function countLiving(tx: Tx): Promise<number> {
  const [row] = await tx
    .select({ count: count() })
    .from(tenancies)
    .where(inArray(tenancies.status, [...LIVE]));
  return row?.count ?? 0;
}

export interface EstatePage {
  readonly tenancies: readonly EstateTenancy[];
  /** Where the next page begins; null on the last. */
  readonly last: string | null;
}

/** The next living tenancies by id, with what their clouds have shown of them; all, or some of them only. */
export async function estatePage(
  tx: Tx,
  frame: EstateFrame,
  { after, limit, only }: { after: string; limit: number; only: readonly TenancyId[] | null },
): Promise<EstatePage> {
  const conditions: SQL[] = [
    inArray(tenancies.status, [...LIVE]),
    gt(tenancies.id, knownId<TenancyId>(after)),
  ];
  if (only !== null) conditions.push(inArray(tenancies.id, [...only]));
  const rows = await tx
    .select({
      id: tenancies.id,
      organizationId: tenancies.organizationId,
      systemId: tenancies.systemId,
      granted: tenancies.granted,
      system: { name: systems.name, mlpsLevel: systems.mlpsLevel, dataClass: systems.dataClass },
    })
    .from(tenancies)
    .leftJoin(systems, eq(systems.id, tenancies.systemId))
    .where(and(...conditions))
    .orderBy(asc(tenancies.id))
    .limit(limit);
  const parts = await partsOf(
    tx,
    rows.map(({ id }) => id),
  );
  const places = placesIn(frame);
  const found = rows.flatMap(({ id, organizationId, systemId, granted, system }) => {
    const place = places.get(organizationId);
    const own = parts.get(id);
    // Without a part there is nothing at any cloud.
    if (place === undefined || own === undefined) return [];
    return {
      id,
      tenancyId: id,
      granted: granted.facts,
      organization: place.facts,
      organizationPath: place.path,
      system: system === null ? null : { mlpsLevel: system.mlpsLevel, dataClass: system.dataClass },
      systemId,
      systemName: system?.name ?? granted.facts.system.name,
      parts: own,
    };
  });
  return { tenancies: found, last: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
}

const PLACES = new WeakMap<EstateFrame, ReadonlyMap<string, OrganizationInPlace>>();

function placesIn(frame: EstateFrame): ReadonlyMap<string, OrganizationInPlace> {
  const known = PLACES.get(frame) ?? new Map(frame.organizations.map((one) => [one.facts.id, one]));
  PLACES.set(frame, known);
  return known;
}

async function partsOf(tx: Tx, ids: readonly TenancyId[]): Promise<Map<string, EstateTenancy["parts"]>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({
      id: placements.id,
      tenancyId: placements.tenancyId,
      role: placements.role,
      cloudId: placements.cloudId,
      poolId: placements.poolId,
      observed: placements.observed,
    })
    .from(placements)
    .where(inArray(placements.tenancyId, [...ids]))
    .orderBy(asc(placements.tenancyId), asc(placements.role));
  const amounts = await amountsOf(tx, ids);
  const grouped = new Map<string, EstateTenancy["parts"][number][]>();
  for (const { tenancyId, ...row } of rows) {
    const part = { ...row, amounts: amounts.get(row.id) ?? {} };
    const known = grouped.get(tenancyId);
    if (known === undefined) grouped.set(tenancyId, [part]);
    else known.push(part);
  }
  return grouped;
}

async function amountsOf(tx: Tx, ids: readonly TenancyId[]): Promise<Map<PlacementId, ResourceVector>> {
  const rows = await tx
    .select({
      placementId: claims.placementId,
      resourceClass: claims.resourceClass,
      amount: claims.amount,
    })
    .from(claims)
    .where(inArray(claims.tenancyId, [...ids]));
  const entries = new Map<PlacementId, (readonly [(typeof rows)[number]["resourceClass"], number])[]>();
  for (const { placementId, resourceClass, amount } of rows) {
    const known = entries.get(placementId) ?? [];
    known.push([resourceClass, amount]);
    entries.set(placementId, known);
  }
  return new Map([...entries].map(([id, list]) => [id, vectorOf(list)]));
}
