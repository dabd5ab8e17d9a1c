import { type AnyColumn, inArray, like, or, type SQL, sql } from "drizzle-orm";
import type { Scope } from "../authz/scope.ts";

interface ScopeColumns {
  readonly organizationPath?: AnyColumn;
  readonly cloudId?: AnyColumn;
}

/** Restricts a query to what the caller may see; what is outside is as if it did not exist. */
export function inScope(scope: Scope, columns: ScopeColumns): SQL {
  if (scope.everywhere) return sql`true`;
  const { organizationPath, cloudId } = columns;
  const conditions = [
    ...(organizationPath
      ? scope.organizationPaths.map((path) => like(organizationPath, `${escaped(path)}%`))
      : []),
    ...(cloudId && scope.cloudIds.length > 0 ? [inArray(cloudId, [...scope.cloudIds])] : []),
  ];
  return or(...conditions) ?? sql`false`;
}

/** `_` and `%` are allowed in ids and must not act as wildcards. */
function escaped(path: string): string {
  return path.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
}
