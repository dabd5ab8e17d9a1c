import type { PolicyScope } from "./schema.ts";

/** One condition of a document, and where in it the condition stands. */
export interface Condition {
  readonly path: readonly string[];
  /** In CEL. */
  readonly text: string;
}

/** What a scope asks of the facts. Expressions, so that what cannot be asked of a subject is found like a typing error. */
export function scopeConditions(scope: PolicyScope | undefined): Condition[] {
  if (scope === undefined) return [];
  const conditions: Condition[] = [];
  const add = (field: keyof PolicyScope, text: string) => conditions.push({ path: ["scope", field], text });
  if (scope.clouds !== undefined) add("clouds", `cloud.id in ${listOf(scope.clouds)}`);
  if (scope.organizations !== undefined) {
    add("organizations", `organization.path.exists(above, above in ${listOf(scope.organizations)})`);
  }
  if (scope.selector !== undefined) add("selector", scope.selector);
  return conditions;
}

/** Ids have no character that CEL would read otherwise than JSON. */
export function listOf(ids: readonly string[]): string {
  return JSON.stringify(ids);
}
