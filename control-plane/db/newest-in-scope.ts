import { type AnyColumn, and, type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Scope } from "../authz/scope.ts";
import { inScope } from "./in-scope.ts";
import { organizations } from "./schema/organizations.ts";

/** The table of a list that goes by id, newest first, with an index on each of the others that ends in the id. */
interface Listed {
  readonly table: PgTable;
  readonly id: AnyColumn;
  readonly organizationId: AnyColumn;
  readonly cloudId: AnyColumn;
}

/**
 * The rows among which the first `limit` that the caller may see are to be found: of each of the organizations and
 * clouds in scope so many. The database would otherwise read and sort everything that a department ever had.
 */
export function newestInScope(
  scope: Scope,
  { table, id, organizationId, cloudId }: Listed,
  conditions: readonly SQL[],
  limit: number,
): SQL {
  const asked = and(...conditions) ?? sql`true`;
  if (scope.everywhere) return asked;
  const newest = (place: AnyColumn, from: SQL) =>
    sql`SELECT newest.id FROM ${from} CROSS JOIN LATERAL (
          SELECT ${id} AS id FROM ${table} WHERE ${place} = scoped.id AND ${asked} ORDER BY ${id} DESC LIMIT ${limit}
        ) newest`;
  const visible = inScope({ ...scope, cloudIds: [] }, { organizationPath: organizations.path });
  const places = sql`(SELECT ${organizations.id} AS id FROM ${organizations} WHERE ${visible}) scoped`;
  const clouds = sql`unnest(${sql.param([...scope.cloudIds])}::text[]) AS scoped (id)`;
  return sql`${id} IN (${newest(organizationId, places)} UNION ${newest(cloudId, clouds)})`;
}
