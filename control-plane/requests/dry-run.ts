import { z } from "zod";
import { defineQuery } from "../verb.ts";
import { decide } from "./decide.ts";
import { ask } from "./question.ts";
import { AnyRequestBody } from "./wire-body.ts";

/** The answer that a submission would get now; nothing is kept. */
export const dryRunRequest = defineQuery({
  name: "request.dry-run",
  permission: "request.submit",
  input: z.strictObject({ body: AnyRequestBody }),
  async run(tx, ctx, { body }) {
    const asked = await ask(tx, ctx, body);
    const { decision, placement, proposals } = await decide(tx, ctx, asked.question);
    const [best] = proposals;
    const now = ctx.clock.now().toISOString();
    return {
      id: null,
      kind: body.kind ?? ("create" as const),
      status: best === undefined ? ("rejected" as const) : ("submitted" as const),
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
