import { and, eq, inArray, sql } from "drizzle-orm";
import { organizations } from "../db/schema/organizations.ts";
import { quotaLimits, quotaNodes } from "../db/schema/quota.ts";
import { cloudSyncs } from "../db/schema/sync.ts";
import { clouds, inventories, jurisdictions, pools, zones } from "../db/schema/topology.ts";
import { queryRows, type Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { type CloudId, knownId, type OrganizationId, type PoolId, type QuotaNodeId } from "../kernel/ids.ts";
import { amountOf, negate, type ResourceClass } from "../kernel/quantity.ts";
import type { OrganizationFacts } from "../policy/facts.ts";
import type { HeldPart } from "../quota/held-part.ts";
import { addUsages, type QuotaChain, type QuotaFigures, type QuotaLink, withUsage } from "../quota/tree.ts";
import { outdatedPicture, type PictureSettings } from "./picture-age.ts";
import { calendarsOf, withPromises } from "./promises.ts";
import type {
  Inventories,
  PlacementSnapshot,
  SnapshotCloud,
  SnapshotInventory,
  SnapshotPool,
} from "./snapshot.ts";

/** A cloud as everybody sees it; how old a look may be is settled when somebody asks. */
interface TopologyCloud extends SnapshotCloud {
  readonly lookedAt: Date | null;
}

export interface Topology extends Pick<PlacementSnapshot, "pools" | "jurisdictions"> {
  readonly clouds: readonly TopologyCloud[];
}

/** The trait that marks a pool as domestically controllable. */
const XINCHUANG = "xinchuang";

/**
 * Everything a decision depends on, read in one transaction. `ownHold` is taken out of the figures, so that
 * a request which is planned again is not refused because of what it holds itself.
 */
export async function loadSnapshot(
  tx: Tx,
  settings: PictureSettings,
  organizationId: OrganizationId,
  ownHold: readonly HeldPart[],
): Promise<PlacementSnapshot> {
  const [organization] = await tx.select().from(organizations).where(eq(organizations.id, organizationId));
  if (organization === undefined) throw fault("organization.unknown", { organizationId });
  const chains = await loadChains(tx, organization.path, ownHold);
  const topology = await loadTopology(tx, ownHold);
  const calendars = await calendarsOf(tx, topology.pools, settings);
  const nodes = new Map([...chains].map(([cloudId, [leaf]]) => [cloudId, leaf.id]));
  return {
    ...topology,
    pools: withPromises(topology.pools, calendars, nodes, ownHold, settings),
    today: settings.today,
    organization: organizationFacts(organization),
    clouds: topology.clouds.map((cloud) => asSeen(cloud, chains.get(cloud.id) ?? null, settings)),
  };
}

/** How an organization sees a cloud at this moment. */
function asSeen(
  { lookedAt, ...cloud }: TopologyCloud,
  quotaChain: QuotaChain | null,
  settings: PictureSettings,
): SnapshotCloud {
  const outdated = outdatedPicture(lookedAt, settings);
  return { ...cloud, quotaChain, ...(outdated === null ? {} : { outdated }) };
}

/** Null where nobody has tried to look yet. */
const LOOKED_AT = sql<Date | null>`coalesce(${cloudSyncs.syncedAt}, ${cloudSyncs.watchedSince})`.mapWith(
  cloudSyncs.watchedSince,
);

/** The part of the picture that is the same whoever asks; without quota, which is an organization's. */
export async function loadTopology(tx: Tx, ownHold: readonly HeldPart[] = []): Promise<Topology> {
  const cloudRows = await tx
    .select({ cloud: clouds, lookedAt: LOOKED_AT })
    .from(clouds)
    .leftJoin(cloudSyncs, eq(cloudSyncs.cloudId, clouds.id))
    .orderBy(clouds.id);
  const places = await tx.select().from(jurisdictions);
  return {
    clouds: cloudRows.map(snapshotCloud),
    pools: await loadPools(tx, ownHold),
    jurisdictions: new Map(
      places.map((row) => [row.code, { latitude: row.latitude, longitude: row.longitude }]),
    ),
  };
}

export function organizationFacts(row: typeof organizations.$inferSelect): OrganizationFacts {
  const { id, kind, level, jurisdictionCode: jurisdiction, sector } = row;
  return { id, kind, level, jurisdiction, sector };
}

function snapshotCloud({ cloud: row, lookedAt }: CloudAndLook): TopologyCloud {
  const { supports } = row;
  return {
    id: row.id,
    name: { zh: row.nameZh, en: row.nameEn },
    status: row.status,
    stale: !row.reachable,
    lookedAt,
    ...(supports === null ? {} : { supports: { instances: supports.instances, resize: supports.resize } }),
    facts: {
      id: row.id,
      tier: row.tier,
      jurisdiction: row.jurisdictionCode,
      country: row.country,
      operationsCountry: row.operationsCountry,
      sector: row.sector,
      mlpsLevel: row.mlpsLevel,
      operatingModel: row.operatingModel,
      securityAssessmentValidUntil: row.securityAssessmentValidUntil ?? "",
      cryptoAssessmentValidUntil: row.cryptoAssessmentValidUntil ?? "",
    },
    quotaChain: null,
  };
}

async function loadPools(tx: Tx, ownHold: readonly HeldPart[]): Promise<SnapshotPool[]> {
  const rows = await tx
    .select({ pool: pools, zone: zones.kind })
    .from(pools)
    .innerJoin(zones, eq(zones.id, pools.zoneId))
    .orderBy(pools.id);
  const figures = await loadInventories(tx, ownHold);
  return rows.map(({ pool, zone }) => ({
    id: pool.id,
    cloudId: pool.cloudId,
    name: { zh: pool.nameZh, en: pool.nameEn },
    status: pool.status,
    // Pools do not say yet which machine room they stand in, so no two of one cloud count as apart.
    faultDomain: "",
    facts: {
      id: pool.id,
      zone,
      architecture: pool.architecture,
      xinchuang: pool.traits.includes(XINCHUANG),
      mlpsLevel: pool.mlpsLevel,
      dedicated: pool.dedicated,
      tenantIsolation: pool.tenantIsolation,
      encryption: pool.encryption,
      faultDomains: pool.faultDomains,
      traits: pool.traits,
    },
    inventories: figures.get(pool.id) ?? {},
  }));
}

async function loadInventories(tx: Tx, ownHold: readonly HeldPart[]): Promise<Map<PoolId, Inventories>> {
  const byPool = new Map<PoolId, { [Class in ResourceClass]?: SnapshotInventory }>();
  for (const row of await tx.select().from(inventories)) {
    const own = ownHold
      .filter((part) => part.poolId === row.poolId)
      .reduce((sum, part) => sum + amountOf(part.amounts, row.resourceClass), 0);
    const pool = byPool.get(row.poolId) ?? {};
    pool[row.resourceClass] = { ...row, held: row.held - own };
    byPool.set(row.poolId, pool);
  }
  return byPool;
}

interface CloudAndLook {
  readonly cloud: typeof clouds.$inferSelect;
  readonly lookedAt: Date | null;
}

/** The pictures of several organizations at once, over one topology. */
export async function loadSnapshots(
  tx: Tx,
  settings: PictureSettings,
  asking: readonly (typeof organizations.$inferSelect)[],
  topology: Topology,
): Promise<Map<OrganizationId, PlacementSnapshot>> {
  const paths = new Map(asking.map(({ id, path }) => [id, ancestorsIn(path)]));
  const leaves = await leavesOf(tx, [...new Set([...paths.values()].flat())]);
  const nearest = new Map([...paths].map(([id, ancestors]) => [id, nearestOf(leaves, ancestors)]));
  const links = await loadLinks(tx, [
    ...new Set([...nearest.values()].flatMap((byCloud) => [...byCloud.values()].map(({ id }) => id))),
  ]);
  const { today } = settings;
  const calendars = await calendarsOf(tx, topology.pools, settings);
  return new Map(
    asking.map((organization) => {
      const own = nearest.get(organization.id);
      const nodes = new Map([...(own ?? [])].map(([cloudId, { id }]) => [cloudId, id]));
      const pools = withPromises(topology.pools, calendars, nodes, [], settings);
      const clouds = topology.clouds.map((cloud) => {
        const leaf = own?.get(cloud.id);
        return asSeen(cloud, leaf === undefined ? null : chainFrom(links, leaf.id), settings);
      });
      return [
        organization.id,
        { ...topology, today, organization: organizationFacts(organization), clouds, pools },
      ];
    }),
  );
}

/** Per cloud, the chain from the nearest ancestor of the organization that has a quota there. */
async function loadChains(
  tx: Tx,
  organizationPath: string,
  ownHold: readonly HeldPart[],
): Promise<Map<CloudId, QuotaChain>> {
  const ancestors = ancestorsIn(organizationPath);
  const held = ownHold.map((part) => part.quotaNodeId);
  const nearest = nearestOf(await leavesOf(tx, ancestors), ancestors);
  const links = await loadLinks(tx, [...[...nearest.values()].map(({ id }) => id), ...held]);
  takeOut(links, ownHold);
  return new Map([...nearest].map(([cloudId, { id }]) => [cloudId, chainFrom(links, id)]));
}

/** From the root to the organization itself. */
function ancestorsIn(organizationPath: string): OrganizationId[] {
  return organizationPath
    .split("/")
    .filter((id) => id !== "")
    .map((id) => knownId<OrganizationId>(id));
}

type Leaf = Pick<typeof quotaNodes.$inferSelect, "id" | "cloudId" | "organizationId">;

function leavesOf(tx: Tx, organizationIds: readonly OrganizationId[]): Promise<Leaf[]> {
  return tx
    .select({ id: quotaNodes.id, cloudId: quotaNodes.cloudId, organizationId: quotaNodes.organizationId })
    .from(quotaNodes)
    .where(and(eq(quotaNodes.kind, "department"), inArray(quotaNodes.organizationId, [...organizationIds])));
}

function nearestOf(leaves: readonly Leaf[], ancestors: readonly OrganizationId[]) {
  const nearest = new Map<CloudId, { id: QuotaNodeId; depth: number }>();
  for (const { id, cloudId, organizationId } of leaves) {
    if (cloudId === null || organizationId === null) continue;
    const depth = ancestors.indexOf(organizationId);
    if (depth < 0) continue;
    const known = nearest.get(cloudId);
    if (known === undefined || known.depth < depth) nearest.set(cloudId, { id, depth });
  }
  return nearest;
}

/** What the request holds itself, taken out of every node that it counts at, so that all chains agree. */
function takeOut(links: Map<QuotaNodeId, QuotaLink>, ownHold: readonly HeldPart[]): void {
  for (const part of ownHold) {
    const chain = chainFrom(links, part.quotaNodeId);
    for (const link of withUsage(chain, addUsages(chain, negate(part.amounts)))) links.set(link.id, link);
  }
}

async function loadLinks(tx: Tx, leaves: readonly QuotaNodeId[]): Promise<Map<QuotaNodeId, QuotaLink>> {
  if (leaves.length === 0) return new Map();
  const rows = await queryRows(
    tx,
    sql`WITH RECURSIVE up AS (
          SELECT id, parent_id, kind FROM quota_nodes
            WHERE id IN (${sql.join(
              leaves.map((id) => sql`${id}`),
              sql`, `,
            )})
          UNION
          SELECT parent.id, parent.parent_id, parent.kind
            FROM quota_nodes parent JOIN up ON up.parent_id = parent.id
        ) SELECT id, parent_id, kind FROM up`,
  );
  const ids = rows.map((row) => knownId<QuotaNodeId>(String(row.id)));
  const limits = await tx.select().from(quotaLimits).where(inArray(quotaLimits.nodeId, ids));
  const figures = new Map<string, { [Class in ResourceClass]?: QuotaFigures }>();
  const frozen = new Map<string, ResourceClass[]>();
  for (const row of limits) {
    if (row.frozen) frozen.set(row.nodeId, [...(frozen.get(row.nodeId) ?? []), row.resourceClass]);
    const ofNode = figures.get(row.nodeId) ?? {};
    ofNode[row.resourceClass] = row;
    figures.set(row.nodeId, ofNode);
  }
  return new Map(
    rows.map((row) => {
      const id = knownId<QuotaNodeId>(String(row.id));
      const parentId = row.parent_id === null ? null : knownId<QuotaNodeId>(String(row.parent_id));
      const level = row.kind as QuotaLink["level"];
      return [id, { id, parentId, level, figures: figures.get(id) ?? {}, frozen: frozen.get(id) ?? [] }];
    }),
  );
}

function chainFrom(links: ReadonlyMap<QuotaNodeId, QuotaLink>, leaf: QuotaNodeId): QuotaChain {
  const linkOf = (id: QuotaNodeId): QuotaLink => {
    const link = links.get(id);
    if (link === undefined) throw fault("quota.unknown_node", { nodeId: id });
    return link;
  };
  const first = linkOf(leaf);
  const above: QuotaLink[] = [];
  for (let next = first.parentId; next !== null; ) {
    const link = linkOf(next);
    above.push(link);
    next = link.parentId;
  }
  return [first, ...above];
}
