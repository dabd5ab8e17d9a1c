import { z } from "zod";
import type { Ctx } from "../context.ts";
import type { Database } from "../db/tx.ts";
import { aboutOf, membersOf } from "../policy/explain/about.ts";
import type { TriedExplanation } from "../policy/explain/wire.ts";
import { defineGatheredQuery } from "../verb.ts";
import { assertNoConflict } from "./conflicts.ts";
import { decide, type Proposal } from "./decide.ts";
import { type Tried, tryCreate } from "./dry-runs.ts";
import type { LifeStatus } from "./lifecycle.ts";
import { ask } from "./question.ts";
import { AnyRequestBody, type TenancyRequestBody } from "./wire-body.ts";

/** The answer that a submission would get now; nothing is kept. */
export const dryRunRequest = defineGatheredQuery({
  name: "request.dry-run",
  permission: "request.submit",
  input: z.strictObject({ body: AnyRequestBody }),
  async answer(db, ctx, { body }) {
    const { asked, deliberation } = await tried(db, ctx, body);
    const { decision, placement, proposals } = deliberation;
    const [best] = proposals;
    const now = ctx.clock.now().toISOString();
    return {
      id: null,
      kind: body.kind ?? ("create" as const),
      status: statusOf(best),
      organizationId: asked.question.organizationId,
      systemId: asked.knownSystem ? asked.systemId : null,
      submittedBy: null,
      reason: best === undefined ? "denied" : null,
      decision,
      placement,
      plan: best?.plan ?? null,
      planHash: best?.planHash ?? null,
      approvals: [],
      holdExpiresAt: null,
      hold: null,
      tenancyId: asked.tenancy?.id ?? null,
      operationId: null,
      dueAt: null,
      overdue: false,
      createdAt: now,
      updatedAt: now,
      generation: 0,
      links: {},
    };
  },
});

/** Why the answer would be what it would be; nothing is kept. */
export const explainDryRun = defineGatheredQuery({
  name: "request.explain-dry-run",
  permission: "request.submit",
  input: z.strictObject({ body: AnyRequestBody }),
  async answer(db, ctx, { body }): Promise<TriedExplanation> {
    const { deliberation } = await tried(db, ctx, body);
    const { set, outcome, decidedAt, facts } = deliberation.evidence();
    return {
      outcome,
      decidedAt: decidedAt.toISOString(),
      setDigest: set.fullDigest,
      ...membersOf(set),
      about: aboutOf(set, facts),
    };
  },
});

/** New tenancies are what is tried most; a change is looked at by itself, with all that the tenancy holds. */
async function tried(db: Database, ctx: Ctx, body: TenancyRequestBody): Promise<Tried> {
  if (!("tenancyId" in body)) return tryCreate(db, { ctx, body });
  return db.read(async (tx) => {
    const asked = await ask(tx, ctx, body);
    await assertNoConflict(tx, asked.question.organizationId, body, asked.tenancy);
    return { asked, deliberation: await decide(tx, ctx, asked.question) };
  });
}

/** Where a submission would stand after its answer. */
function statusOf(best: Proposal | undefined): LifeStatus {
  if (best === undefined) return "rejected";
  if (best.decision.outcome !== "allowed") return "submitted";
  return best.plan.kind === "renew" ? "closed" : "provisioning";
}
