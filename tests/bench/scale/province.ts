import { sql } from "drizzle-orm";
import type { Tx } from "../../../control-plane/db/tx.ts";
import { deriveQuota } from "../../../control-plane/quota/derive.ts";

const CITIES = 21;
const DEPARTMENTS = 420;

/** So much that no limit is met: what is measured is how long it takes to find out. */
const PLENTY = 1_000_000_000;

/** One provincial cloud and municipal ones for 21 cities, each with two pools; departments with a node on every cloud of their city. */
export async function insertProvince(tx: Tx, clouds: number): Promise<void> {
  await tx.execute(sql`
    INSERT INTO jurisdictions (code, name_zh, name_en, level, latitude, longitude)
    SELECT '44' || lpad(city::text, 2, '0') || '00', '市', 'City', 'city', 23, 113
      FROM generate_series(0, ${CITIES}::int) city`);
  await tx.execute(sql`
    INSERT INTO organizations (id, parent_id, kind, level, name_zh, name_en, jurisdiction_code)
    VALUES ('gd', NULL, 'government', 'province', '省', 'Province', '440000')`);
  await tx.execute(sql`
    INSERT INTO organizations (id, parent_id, kind, level, name_zh, name_en, jurisdiction_code)
    SELECT 'dept-' || d, 'gd', 'department', 'city', '局', 'Bureau', '44' || lpad((1 + d % ${CITIES}::int)::text, 2, '0') || '00'
      FROM generate_series(0, ${DEPARTMENTS - 1}::int) d`);
  await tx.execute(sql`
    INSERT INTO systems (id, organization_id, name, mlps_level, data_class)
    SELECT 'sys_' || d, 'dept-' || d, '系统', 2, 'general' FROM generate_series(0, ${DEPARTMENTS - 1}::int) d`);
  await tx.execute(sql`
    INSERT INTO clouds (id, tier, name_zh, name_en, jurisdiction_code, csp, country, operations_country, mlps_level,
                        operating_model, security_assessment_valid_until, crypto_assessment_valid_until,
                        provider_kind, connection)
    SELECT 'cloud-' || c, CASE c WHEN 0 THEN 'provincial' ELSE 'municipal' END, '云', 'Cloud',
           CASE c WHEN 0 THEN '440000' ELSE '44' || lpad((1 + c % ${CITIES}::int)::text, 2, '0') || '00' END,
           'csp-a', 'CN', 'CN', 3, 'separated', '2099-12-31', '2099-12-31', 'simulated', '{}'
      FROM generate_series(0, ${clouds - 1}::int) c`);
  await tx.execute(sql`
    INSERT INTO zones (id, cloud_id, kind, name_zh, name_en)
    SELECT id || '-extranet', id, 'extranet', '政务外网区', 'Extranet' FROM clouds`);
  await tx.execute(sql`
    INSERT INTO pools (id, cloud_id, zone_id, name_zh, name_en, architecture, mlps_level, dedicated,
                       tenant_isolation, encryption, fault_domains, traits)
    SELECT id || '-p' || p, id, id || '-extranet', '资源池', 'Pool', 'kunpeng', 3, false, true, true, 3, ARRAY['xinchuang']
      FROM clouds, generate_series(1, 2) p`);
  await tx.execute(sql`
    INSERT INTO inventories (pool_id, resource_class, cloud_id, total, reserved, min_unit, max_unit, step_size, allocation_ratio_milli)
    SELECT id, class, cloud_id, ${PLENTY}::bigint, ${PLENTY / 4}::bigint, 1, 100000, 1, 1000
      FROM pools, unnest(ARRAY['VCPU', 'MEMORY_GIB']) class`);
  await tx.execute(
    sql`INSERT INTO quota_nodes (id, kind, name_zh, name_en) VALUES ('q', 'province', '省', 'Province')`,
  );
  await tx.execute(sql`
    INSERT INTO quota_nodes (id, parent_id, kind, cloud_id, name_zh, name_en)
    SELECT 'q.' || id, 'q', 'cloud', id, '云', 'Cloud' FROM clouds`);
  await tx.execute(sql`
    INSERT INTO quota_nodes (id, parent_id, kind, cloud_id, organization_id, name_zh, name_en)
    SELECT 'q.' || c.id || '.' || o.id, 'q.' || c.id, 'department', c.id, o.id, '局', 'Bureau'
      FROM organizations o JOIN clouds c ON c.jurisdiction_code = o.jurisdiction_code WHERE o.kind = 'department'`);
  await tx.execute(sql`
    INSERT INTO quota_limits (node_id, resource_class, nominal)
    SELECT id, class, CASE kind WHEN 'cloud' THEN ${PLENTY}::bigint ELSE 0 END
      FROM quota_nodes, unnest(ARRAY['VCPU', 'MEMORY_GIB']) class`);
  await deriveQuota(tx);
}

/**
 * Tenancies with everything that stands behind one in service: request, hold, ledger rows, claim, placement and audit
 * row. Every hundredth is suspended. Department and pool go by number, so that any count is spread alike.
 */
export async function insertTenancies(tx: Tx, first: number, last: number): Promise<void> {
  await tx.execute(sql`SET LOCAL statement_timeout = 0`);
  await tx.execute(sql`SET LOCAL session_replication_role = replica`);
  await tx.execute(sql`
    CREATE TEMP TABLE made ON COMMIT DROP AS
    SELECT n, to_char(n, 'FM0000000000') AS key, 'dept-' || (n % ${DEPARTMENTS}::int) AS organization,
           node.id AS node, node.cloud_id AS cloud, node.cloud_id || '-p' || (1 + n % 2) AS pool,
           CASE WHEN n % 100 = 0 THEN 'suspended' ELSE 'in_service' END AS status,
           timestamptz '2020-01-01' + n * interval '1 minute' AS at
      FROM generate_series(${first}::bigint, ${last}::bigint) n
      JOIN LATERAL (SELECT id, cloud_id FROM quota_nodes
                     WHERE kind = 'department' AND organization_id = 'dept-' || (n % ${DEPARTMENTS}::int)
                     ORDER BY id LIMIT 1) node ON true`);
  const facts = sql`jsonb_build_object('kind', 'create', 'resources', jsonb_build_object('VCPU', 2))`;
  await tx.execute(sql`
    INSERT INTO tenancy_requests (id, kind, organization_id, system_id, cloud_id, submitted_by, body, status, decision,
                                  facts, hold_id, tenancy_id, created_at, updated_at)
    SELECT 'req_' || key, 'create', organization, 'sys_' || (n % ${DEPARTMENTS}::int), cloud, 'acc_bench',
           jsonb_build_object('organizationId', organization, 'n', n), status,
           '{"outcome":"allowed","violations":[],"approvers":[],"decidedAt":"2020-01-01T00:00:00Z","policyDigest":""}',
           ${facts}, 'hold_' || key, 'ten_' || key, at, at FROM made`);
  await tx.execute(sql`
    INSERT INTO tenancies (id, organization_id, system_id, cloud_id, environment, status, granted, request_id,
                           term_start, term_end, created_at, updated_at)
    SELECT 'ten_' || key, organization, 'sys_' || (n % ${DEPARTMENTS}::int), cloud, 'production', status,
           jsonb_build_object('requestId', 'req_' || key, 'planHash', '', 'approvedBy', '[]'::jsonb,
                              'resources', jsonb_build_object('VCPU', 2), 'instances', '[]'::jsonb, 'facts', ${facts}),
           'req_' || key, '2020-01-01', '2099-12-31', at, at FROM made`);
  await tx.execute(sql`
    INSERT INTO placements (id, tenancy_id, role, cloud_id, pool_id, quota_node_id, desired, observed_generation)
    SELECT 'plc_' || key, 'ten_' || key, 'primary', cloud, pool, node,
           jsonb_build_object('state', 'present', 'instances', '[]'::jsonb,
                              'tenancy', jsonb_build_object('quota', jsonb_build_object('VCPU', 2))), 1 FROM made`);
  await tx.execute(sql`
    INSERT INTO holds (id, request_id, state, parts, expires_at, created_at, settled_at)
    SELECT 'hold_' || key, 'req_' || key, 'committed', '[]', at, at, at FROM made`);
  await tx.execute(sql`
    INSERT INTO claims (placement_id, resource_class, tenancy_id, cloud_id, pool_id, quota_node_id, amount)
    SELECT 'plc_' || key, 'VCPU', 'ten_' || key, cloud, pool, node, 2 FROM made`);
  await tx.execute(sql`
    INSERT INTO ledger_entries (at, kind, hold_id, tenancy_id, placement_id, cloud_id, pool_id, quota_node_id,
                                resource_class, held_delta, used_delta)
    SELECT at, step.kind, 'hold_' || key, step.tenancy || key, step.placement || key, cloud, pool, node, 'VCPU',
           step.held, step.used
      FROM made, (VALUES ('hold', NULL, NULL, 2, 0), ('commit', 'ten_', 'plc_', -2, 2))
             AS step (kind, tenancy, placement, held, used)`);
  await tx.execute(sql`
    INSERT INTO audit_entries (id, at, actor, action, outcome, target_type, target_id, organization_id, cloud_id, request_id)
    SELECT 'aud_' || key, at, '{"accountId":"acc_bench","name":"bench","roles":[]}', 'request.submit',
           CASE WHEN n % 1000 = 0 THEN 'refused' ELSE 'succeeded' END, 'tenancy_request', 'req_' || key, organization,
           cloud, 'http-' || key FROM made`);
  await tx.execute(sql`
    UPDATE inventories SET used = used + more.amount
      FROM (SELECT pool, 2 * count(*) AS amount FROM made GROUP BY 1) more
     WHERE pool_id = more.pool AND resource_class = 'VCPU'`);
  await tx.execute(sql`
    UPDATE quota_limits SET used = used + more.amount
      FROM (SELECT node, 2 * count(*) AS amount FROM made GROUP BY 1) more
     WHERE node_id = more.node AND resource_class = 'VCPU'`);
  await tx.execute(sql`SET LOCAL session_replication_role = origin`);
  await deriveQuota(tx);
}
