import { type SQL, sql } from "drizzle-orm";
import { queryRows, type Tx } from "../db/tx.ts";
import type { DocumentKind } from "./documents.ts";
import { type BlockerType, type Obstacle, uprooting } from "./in-use.ts";
import type { Change } from "./plan.ts";

interface Question {
  readonly kind: DocumentKind;
  readonly blocker: BlockerType;
  /** Pairs `(target, blocker)`: who stands on what. */
  readonly pairs: SQL;
}

const activeParts = (field: "poolId" | "quotaNodeId") => sql`
  SELECT part ->> ${sql.raw(`'${field}'`)} AS target, holds.request_id AS blocker
    FROM holds CROSS JOIN LATERAL jsonb_array_elements(holds.parts) AS part WHERE holds.state = 'active'`;

/** What has ever been granted or asked for keeps the names that it was granted under, hence no filter by status. */
const QUESTIONS: readonly Question[] = [
  {
    kind: "Pool",
    blocker: "claim",
    pairs: sql`SELECT pool_id AS target, tenancy_id AS blocker FROM claims`,
  },
  { kind: "Pool", blocker: "hold", pairs: activeParts("poolId") },
  {
    kind: "QuotaNode",
    blocker: "claim",
    pairs: sql`SELECT quota_node_id AS target, tenancy_id AS blocker FROM claims`,
  },
  { kind: "QuotaNode", blocker: "hold", pairs: activeParts("quotaNodeId") },
  {
    kind: "Pool",
    blocker: "commitment",
    pairs: sql`SELECT pool_id AS target, id AS blocker FROM commitments WHERE status <> 'expired'`,
  },
  {
    kind: "QuotaNode",
    blocker: "commitment",
    pairs: sql`SELECT quota_node_id AS target, id AS blocker FROM commitments WHERE status <> 'expired'`,
  },
  {
    kind: "Cloud",
    blocker: "placement",
    pairs: sql`SELECT cloud_id AS target, tenancy_id AS blocker FROM placements`,
  },
  {
    kind: "Cloud",
    blocker: "request",
    pairs: sql`SELECT cloud_id AS target, id AS blocker FROM tenancy_requests`,
  },
  {
    kind: "Cloud",
    blocker: "grant",
    pairs: sql`SELECT scope_id AS target, account_id AS blocker FROM role_grants WHERE scope_kind = 'cloud'`,
  },
  {
    kind: "Organization",
    blocker: "tenancy",
    pairs: sql`SELECT organization_id AS target, id AS blocker FROM tenancies`,
  },
  {
    kind: "Organization",
    blocker: "request",
    pairs: sql`SELECT organization_id AS target, id AS blocker FROM tenancy_requests`,
  },
  {
    kind: "Organization",
    blocker: "account",
    pairs: sql`SELECT organization_id AS target, id AS blocker FROM accounts`,
  },
  {
    kind: "Organization",
    blocker: "grant",
    pairs: sql`SELECT scope_id AS target, account_id AS blocker FROM role_grants
                WHERE scope_kind = 'organization'`,
  },
  {
    kind: "Organization",
    blocker: "system",
    pairs: sql`SELECT organization_id AS target, id AS blocker FROM systems WHERE starts_with(id, 'sys_')`,
  },
  {
    kind: "ApplicationSystem",
    blocker: "tenancy",
    pairs: sql`SELECT system_id AS target, id AS blocker FROM tenancies`,
  },
  {
    kind: "ApplicationSystem",
    blocker: "request",
    pairs: sql`SELECT system_id AS target, id AS blocker FROM tenancy_requests`,
  },
];

/** What stands in the way of a plan; to be asked under the locks of the quota tree and the inventories. */
export async function obstaclesTo(tx: Tx, changes: readonly Change[]): Promise<Obstacle[]> {
  const obstacles: Obstacle[] = [];
  for (const { kind, blocker, pairs } of QUESTIONS) {
    const actions = new Map(uprooting(changes, kind).map(({ id, action }) => [id, action]));
    if (actions.size === 0) continue;
    const rows = await queryRows(
      tx,
      sql`SELECT target, count(DISTINCT blocker)::int AS count, min(blocker) AS example FROM (${pairs}) AS pairs
           WHERE target IN (SELECT jsonb_array_elements_text(${JSON.stringify([...actions.keys()])}::text::jsonb))
           GROUP BY target ORDER BY target`,
    );
    for (const row of rows) {
      const id = String(row.target);
      const action = actions.get(id) === "delete" ? "delete" : "change";
      obstacles.push({ action, kind, id, blocker, count: Number(row.count), example: String(row.example) });
    }
  }
  return obstacles;
}
