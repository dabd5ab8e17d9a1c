import { sql } from "drizzle-orm";
import type { Tx } from "../../control-plane/db/tx.ts";
import { type CloudId, knownId, type PoolId, type QuotaNodeId } from "../../control-plane/kernel/ids.ts";
import { deriveQuota } from "../../control-plane/quota/derive.ts";
import { smallProvince } from "../support/small-province.ts";

/** Where departments ask, and what their cloud has. */
export interface Place {
  readonly quotaNodeId: QuotaNodeId;
  readonly cloudId: CloudId;
  readonly poolId: PoolId;
}

export interface WideProvince {
  /** One of each department, in the pools of its cloud by turns. */
  readonly spread: readonly Place[];
  /** Departments of one cloud, all in one pool. */
  readonly hot: readonly Place[];
}

const CLOUDS = 20;
const POOLS = 10;
const DEPARTMENTS = 175;

/** So much that no limit is ever met: what is measured is the writing, not the refusing. */
const PLENTY = 1_000_000_000_000;

/** 20 clouds with 10 pools and 175 departments each, in one quota tree: 200 pools and 3,500 departments. */
export async function wideProvince(tx: Tx): Promise<WideProvince> {
  await smallProvince(tx);
  await tx.execute(sql`
    INSERT INTO clouds (id, tier, name_zh, name_en, jurisdiction_code, csp, country, operations_country, mlps_level,
                        operating_model, provider_kind, connection)
    SELECT 'c' || cloud, 'municipal', '云', 'Cloud', '440100', 'csp-a', 'CN', 'CN', 3, 'separated', 'simulated', '{}'
      FROM generate_series(1, ${CLOUDS}::int) cloud`);
  await tx.execute(sql`
    INSERT INTO zones (id, cloud_id, kind, name_zh, name_en)
    SELECT 'c' || cloud || '-extranet', 'c' || cloud, 'extranet', '政务外网区', 'Extranet'
      FROM generate_series(1, ${CLOUDS}::int) cloud`);
  await tx.execute(sql`
    INSERT INTO pools (id, cloud_id, zone_id, name_zh, name_en, architecture, mlps_level, dedicated,
                       tenant_isolation, encryption, fault_domains, traits)
    SELECT 'c' || cloud || '-p' || pool, 'c' || cloud, 'c' || cloud || '-extranet', '资源池', 'Pool', 'kunpeng', 3,
           false, true, true, 3, ARRAY['xinchuang', 'cpu:kunpeng']
      FROM generate_series(1, ${CLOUDS}::int) cloud, generate_series(1, ${POOLS}::int) pool`);
  await tx.execute(sql`
    INSERT INTO inventories (pool_id, resource_class, cloud_id, total, reserved, min_unit, max_unit, step_size,
                             allocation_ratio_milli)
    SELECT id, class, cloud_id, ${PLENTY}::bigint, 0, 1, 1000000, 1, 1000
      FROM pools, unnest(ARRAY['VCPU', 'MEMORY_GIB']) class WHERE id LIKE 'c%-p%'`);
  await tx.execute(sql`
    INSERT INTO quota_nodes (id, parent_id, kind, cloud_id, name_zh, name_en)
    SELECT 'c' || cloud, 'gd', 'cloud', 'c' || cloud, '云配额', 'Cloud'
      FROM generate_series(1, ${CLOUDS}::int) cloud`);
  await tx.execute(sql`
    INSERT INTO quota_nodes (id, parent_id, kind, cloud_id, name_zh, name_en)
    SELECT 'c' || cloud || '.d' || department, 'c' || cloud, 'department', 'c' || cloud, '部门配额', 'Department'
      FROM generate_series(1, ${CLOUDS}::int) cloud, generate_series(1, ${DEPARTMENTS}::int) department`);
  // Departments borrow, so that every claim is counted up to the root.
  await tx.execute(sql`
    INSERT INTO quota_limits (node_id, resource_class, nominal)
    SELECT id, class, CASE kind WHEN 'cloud' THEN ${PLENTY}::bigint ELSE 0 END
      FROM quota_nodes, unnest(ARRAY['VCPU', 'MEMORY_GIB']) class WHERE id ~ '^c\\d'`);
  await deriveQuota(tx);
  const place = (cloud: number, department: number, pool: number): Place => ({
    quotaNodeId: knownId(`c${cloud}.d${department}`),
    cloudId: knownId(`c${cloud}`),
    poolId: knownId(`c${cloud}-p${pool}`),
  });
  const departments = Array.from({ length: DEPARTMENTS }, (_, index) => index + 1);
  const clouds = Array.from({ length: CLOUDS }, (_, index) => index + 1);
  return {
    spread: departments.flatMap((department) =>
      clouds.map((cloud) => place(cloud, department, (department % POOLS) + 1)),
    ),
    hot: departments.map((department) => place(1, department, 1)),
  };
}
