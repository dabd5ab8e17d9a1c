import { z } from "@hono/zod-openapi";
import { madeId, text } from "../../kernel/input.ts";
import { AppliedExemption } from "../wire.ts";

export const ExplainQuery = z.strictObject({
  decision: madeId.optional().describe("One of the request's decisions; the latest when absent"),
});
export const ExplainRequest = z.strictObject({ id: madeId, ...ExplainQuery.shape });

const Value = {
  value: z.unknown(),
  error: z.string().nullable().describe("Why it could not be computed"),
  facts: z.record(z.string(), z.unknown()).describe("What it reads"),
};

export const PolicyExplanation = z
  .object({
    policyId: z.string(),
    version: z.int(),
    rule: z.string(),
    title: text,
    action: z.enum(["deny", "require-approval", "warn", "audit"]),
    verdict: z.enum(["pass", "fail", "not_applicable"]),
    match: z
      .object({ text: z.string().nullable(), ...Value })
      .nullable()
      .describe("Whether it applies, scope and inheritance included; null: everywhere"),
    validations: z.array(
      z.object({
        id: z.string().nullable(),
        text: z.string(),
        ...Value,
        actual: z.unknown(),
        required: z.unknown(),
        exemption: AppliedExemption.nullable(),
      }),
    ),
  })
  .openapi("PolicyExplanation");
export type PolicyExplanation = z.infer<typeof PolicyExplanation>;

const DecisionHead = z.object({
  id: z.string(),
  decidedAt: z.iso.datetime(),
  outcome: z.enum(["allowed", "needs_approval", "denied"]),
  setDigest: z.string().describe("Of the rules and exemptions"),
});

const reasons = {
  policies: z.array(z.object({ id: z.string(), version: z.int(), contentHash: z.string() })),
  exemptionIds: z.array(z.string()),
  about: z.array(
    z.object({
      subject: z.enum(["request", "placement"]),
      place: z.object({ role: z.string(), cloudId: z.string(), poolId: z.string() }).nullable(),
      facts: z.record(z.string(), z.unknown()),
      policies: z.array(PolicyExplanation),
    }),
  ),
};

export const Explanation = z
  .object({
    requestId: z.string(),
    decision: DecisionHead,
    decisions: z.array(DecisionHead).describe("All that were made on the request, newest first"),
    agrees: z.boolean().describe("The same facts, judged again by the same rules, give the same verdict"),
    ...reasons,
  })
  .openapi("Explanation");
export type Explanation = z.infer<typeof Explanation>;

/** Of a decision that was only tried. */
export const TriedExplanation = z
  .object({
    outcome: z.enum(["allowed", "needs_approval", "denied"]),
    decidedAt: z.iso.datetime(),
    setDigest: z.string(),
    ...reasons,
  })
  .openapi("TriedExplanation");
export type TriedExplanation = z.infer<typeof TriedExplanation>;
