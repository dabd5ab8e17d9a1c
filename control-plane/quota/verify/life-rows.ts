import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "../../db/tx.ts";
import { LIVE, type LifeStatus, UNDECIDED } from "../../requests/lifecycle.ts";
import { differencesIn } from "./difference-rows.ts";

const oneOf = (statuses: readonly LifeStatus[]): SQL =>
  sql`(${sql.join(
    statuses.map((status) => sql`${status}`),
    sql`, `,
  )})`;

/** While a change runs, claims may exceed what is wanted: they return once the cloud has confirmed. */
const IN_CHANGE: readonly LifeStatus[] = ["changing", "retiring", "exported", "wiped"];

/** `latest`: a hold that expired after it may still be waiting for its turn to be taken away. */
export const expiredHolds = (tx: Tx, latest: Date) =>
  differencesIn(
    tx,
    sql`SELECT id AS place, request_id, to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS expired_at
          FROM holds WHERE state = 'active' AND expires_at < ${latest.toISOString()}`,
  );

export const claimsWithoutTenancy = (tx: Tx) =>
  differencesIn(
    tx,
    sql`SELECT c.placement_id || ' ' || c.resource_class AS place, c.tenancy_id, c.amount, t.status
          FROM claims c
          LEFT JOIN placements p ON p.id = c.placement_id AND p.tenancy_id = c.tenancy_id
                AND (p.pool_id, p.quota_node_id, p.cloud_id) = (c.pool_id, c.quota_node_id, c.cloud_id)
          LEFT JOIN tenancies t ON t.id = p.tenancy_id
         WHERE t.status IS NULL OR t.status NOT IN ${oneOf(LIVE)}`,
  );

export const tenanciesWithoutClaims = (tx: Tx) =>
  differencesIn(
    tx,
    sql`WITH wanted AS (
          SELECT p.id AS placement_id, quota.key AS resource_class, quota.value::bigint AS amount
            FROM tenancies t JOIN placements p ON p.tenancy_id = t.id,
                 jsonb_each_text(p.desired -> 'tenancy' -> 'quota') quota
           WHERE t.status IN ${oneOf(LIVE)} AND p.desired ->> 'state' = 'present'
        ), claimed AS (
          SELECT c.placement_id, c.resource_class, c.amount, t.status IN ${oneOf(IN_CHANGE)} AS in_change
            FROM claims c JOIN tenancies t ON t.id = c.tenancy_id
           WHERE t.status IN ${oneOf(LIVE)}
        )
        SELECT placement_id || ' ' || resource_class AS place, wanted.amount AS wanted, claimed.amount AS claimed
          FROM wanted FULL JOIN claimed USING (placement_id, resource_class)
         WHERE coalesce(claimed.amount, 0) < coalesce(wanted.amount, 0)
            OR (coalesce(claimed.amount, 0) > coalesce(wanted.amount, 0) AND NOT claimed.in_change)`,
  );

export const holdsWithoutRequest = (tx: Tx) =>
  differencesIn(
    tx,
    sql`SELECT h.id AS place, h.request_id, r.status
          FROM holds h LEFT JOIN tenancy_requests r ON r.id = h.request_id AND r.hold_id = h.id
         WHERE h.state = 'active' AND (r.status IS NULL OR r.status NOT IN ${oneOf(UNDECIDED)})`,
  );

export const tenanciesCreatedTwice = (tx: Tx) =>
  differencesIn(
    tx,
    sql`SELECT tenancy_id AS place, count(*) AS requests FROM tenancy_requests
         WHERE kind = 'create' AND tenancy_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1`,
  );

export const changesWithoutRequest = (tx: Tx) =>
  differencesIn(
    tx,
    sql`SELECT id AS place, status, change_request_id FROM tenancies
         WHERE (status IN ('changing', 'retiring', 'exported')) <> (change_request_id IS NOT NULL)`,
  );
