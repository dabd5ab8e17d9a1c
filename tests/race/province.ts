import { sql } from "drizzle-orm";
import type { Actor } from "../../control-plane/context.ts";
import { accounts } from "../../control-plane/db/schema/accounts.ts";
import type { Tx } from "../../control-plane/db/tx.ts";
import { systemClock } from "../../control-plane/kernel/clock.ts";
import { type AccountId, type CloudId, knownId, systemIds } from "../../control-plane/kernel/ids.ts";
import type { ResourceVector } from "../../control-plane/kernel/quantity.ts";
import { deriveQuota } from "../../control-plane/quota/derive.ts";
import type { HeldPart } from "../../control-plane/quota/held-part.ts";
import { smallProvince } from "../support/small-province.ts";

interface Place {
  readonly node: string;
  readonly cloud: string;
  readonly pool: string;
}

/** Trees beside the province's own; a hold with two parts often reaches into two of them. */
const TREES = 5;

/** Departments with the pools that their holds may name. Submissions land at the first one. */
export const PLACES: readonly Place[] = [
  { node: "gd.guangzhou.health", cloud: "guangzhou", pool: "guangzhou-extranet-kunpeng" },
  { node: "gd.provincial.hrss", cloud: "provincial", pool: "provincial-extranet-kunpeng" },
  ...Array.from({ length: TREES }, (_, tree) => [
    { node: `tree-${tree}.a.x`, cloud: "shenzhen", pool: `pool-${tree}` },
    { node: `tree-${tree}.a.y`, cloud: "shenzhen", pool: `pool-${tree}` },
    // The pool of the next tree: pools and trees are locked in orders of their own.
    { node: `tree-${tree}.b.z`, cloud: "shenzhen", pool: `pool-${(tree + 1) % TREES}` },
  ]).flat(),
];

/** Little enough that a few dozen tenancies fill it: most of the race is at the limits. */
const CAPACITY = 100;
const NOMINAL = 30;

/** The small province and the other trees, with tight limits, and the account that submits. */
export async function raceProvince(tx: Tx): Promise<Actor> {
  await smallProvince(tx);
  for (let tree = 0; tree < TREES; tree += 1) {
    await tx.execute(sql`
      INSERT INTO pools (id, cloud_id, zone_id, name_zh, name_en, architecture, mlps_level, dedicated,
                         tenant_isolation, encryption, fault_domains, traits)
      SELECT ${`pool-${tree}`}, 'shenzhen', 'shenzhen-extranet', name_zh, name_en, architecture, mlps_level,
             dedicated, tenant_isolation, encryption, fault_domains, traits
        FROM pools WHERE id = 'provincial-extranet-kunpeng'`);
    for (const [path, parent, kind] of [
      ["", null, "province"],
      [".a", "", "cloud"],
      [".b", "", "cloud"],
      [".a.x", ".a", "department"],
      [".a.y", ".a", "department"],
      [".b.z", ".b", "department"],
    ] as const) {
      const parentId = parent === null ? null : `tree-${tree}${parent}`;
      await tx.execute(sql`
        INSERT INTO quota_nodes (id, parent_id, kind, name_zh, name_en)
        VALUES (${`tree-${tree}${path}`}, ${parentId}, ${kind}, '竞态', 'Race')`);
    }
  }
  await tx.execute(sql`
    INSERT INTO inventories (pool_id, resource_class, cloud_id, total, reserved, min_unit, max_unit, step_size, allocation_ratio_milli)
    SELECT id, class, cloud_id, 1, 0, 1, 1000, 1, 1500 FROM pools, unnest(ARRAY['VCPU', 'MEMORY_GIB']) class
    ON CONFLICT DO NOTHING`);
  await tx.execute(sql`
    UPDATE inventories SET total = ${CAPACITY}::int, reserved = 20, allocation_ratio_milli = 1500`);
  // Departments keep part to themselves, so that some holds end at their node and others reach the root.
  await tx.execute(sql`
    INSERT INTO quota_limits (node_id, resource_class, nominal, lending_limit)
    SELECT id, class, 0, CASE WHEN kind = 'department' THEN 20 END
      FROM quota_nodes, unnest(ARRAY['VCPU', 'MEMORY_GIB']) class
    ON CONFLICT DO NOTHING`);
  await tx.execute(sql`UPDATE quota_limits SET nominal = ${NOMINAL}::int`);
  await deriveQuota(tx);
  const accountId: AccountId = systemIds.next("acc");
  const name = "racer";
  await tx.insert(accounts).values({ id: accountId, name, displayName: name, createdAt: systemClock.now() });
  const everywhere = { scopeKind: "province" as const, scopeId: "", organizationPath: "" };
  return {
    accountId,
    name,
    organizationId: null,
    grants: [
      { role: "provincial_operator", ...everywhere },
      { role: "department_member", ...everywhere },
    ],
  };
}

export function partAt(
  { node, cloud, pool }: Place,
  amounts: ResourceVector,
  role: HeldPart["role"],
): HeldPart {
  return {
    role,
    cloudId: knownId<CloudId>(cloud),
    poolId: knownId(pool),
    quotaNodeId: knownId(node),
    amounts,
  };
}
