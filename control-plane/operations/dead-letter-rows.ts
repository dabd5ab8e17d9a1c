import { sql } from "drizzle-orm";
import type { Scope } from "../authz/scope.ts";
import { inScope } from "../db/in-scope.ts";
import { organizations } from "../db/schema/organizations.ts";
import { tenancies } from "../db/schema/tenancies.ts";
import { queryRows, type Tx } from "../db/tx.ts";
import { DEAD_LETTERS } from "../jobs/queue.ts";

export interface DeadLetterRow {
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  readonly failedAt: Date;
  readonly tenancyId: string;
  /** Sorts by time and then by id. */
  readonly order: string;
}

const ORDER = sql`to_char(job.created_on AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') || job.id::text`;

/** Jobs that failed too often, newest first: those about tenancies that the caller may see. */
export async function listDeadLetters(
  tx: Tx,
  scope: Scope,
  before: string,
  limit: number,
): Promise<DeadLetterRow[]> {
  const rows = await queryRows(
    tx,
    sql`SELECT job.id, job.data->>'kind' AS kind, job.data->>'key' AS key, ${ORDER} AS "order",
          ${tenancies.id} AS tenancy_id, (extract(epoch FROM job.created_on) * 1000)::bigint::text AS failed_at
        FROM jobs.job AS job
          JOIN ${tenancies} ON ${tenancies.id} = job.data->>'key'
          JOIN ${organizations} ON ${organizations.id} = ${tenancies.organizationId}
        WHERE job.name = ${DEAD_LETTERS} AND job.state = 'created'
          AND ${inScope(scope, { organizationPath: organizations.path, cloudId: tenancies.cloudId })}
          AND (${before} = '' OR ${ORDER} < ${before})
        ORDER BY ${ORDER} DESC LIMIT ${limit + 1}`,
  );
  return rows.map((row) => ({
    id: String(row.id),
    kind: String(row.kind),
    key: String(row.key),
    failedAt: new Date(Number(row.failed_at)),
    tenancyId: String(row.tenancy_id),
    order: String(row.order),
  }));
}
