import { and, desc, eq, lt, type SQL, sql } from "drizzle-orm";
import type { Scope } from "../../authz/scope.ts";
import { inScope } from "../../db/in-scope.ts";
import { organizations } from "../../db/schema/organizations.ts";
import { policyDecisions } from "../../db/schema/policies.ts";
import { tenancyRequests } from "../../db/schema/requests.ts";
import type { Tx } from "../../db/tx.ts";
import { type CloudId, type DecisionId, knownId } from "../../kernel/ids.ts";

interface Where {
  readonly organizationId?: string | undefined;
  readonly cloudId?: string | undefined;
}

/** Newest first, of each request the latest one only; those made before the one named. */
export async function latestDecisions(
  tx: Tx,
  scope: Scope,
  { organizationId, cloudId }: Where,
  before: string,
  limit: number,
) {
  const later = sql`SELECT 1 FROM policy_decisions later
    WHERE later.request_id = ${policyDecisions.requestId} AND later.id > ${policyDecisions.id}`;
  const conditions: SQL[] = [
    inScope(scope, { organizationPath: organizations.path, cloudId: tenancyRequests.cloudId }),
    sql`NOT EXISTS (${later})`,
  ];
  if (before !== "") conditions.push(lt(policyDecisions.id, knownId<DecisionId>(before)));
  if (cloudId !== undefined) conditions.push(eq(tenancyRequests.cloudId, knownId<CloudId>(cloudId)));
  if (organizationId !== undefined) {
    const path = sql`(SELECT above.path FROM organizations AS above WHERE above.id = ${organizationId})`;
    conditions.push(sql`starts_with(${organizations.path}, ${path})`);
  }
  return tx
    .select({
      decision: { id: policyDecisions.id, facts: policyDecisions.facts },
      requestId: policyDecisions.requestId,
      organizationId: tenancyRequests.organizationId,
      cloudId: tenancyRequests.cloudId,
    })
    .from(policyDecisions)
    .innerJoin(tenancyRequests, eq(tenancyRequests.id, policyDecisions.requestId))
    .innerJoin(organizations, eq(organizations.id, tenancyRequests.organizationId))
    .where(and(...conditions))
    .orderBy(desc(policyDecisions.id))
    .limit(limit);
}

export type ImpactRequest = Omit<Awaited<ReturnType<typeof latestDecisions>>[number], "decision">;

export async function organizationsInScope(tx: Tx, scope: Scope) {
  return tx
    .select()
    .from(organizations)
    .where(inScope(scope, { organizationPath: organizations.path }));
}
