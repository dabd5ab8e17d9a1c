import { z } from "@hono/zod-openapi";
import { slug, text } from "../../kernel/input.ts";
import { ValidatePolicy } from "../register/wire.ts";

const { yaml, pack } = ValidatePolicy.shape;

export const ImpactBody = z.strictObject({
  yaml,
  pack,
  requests: z
    .int()
    .min(0)
    .max(100_000)
    .default(1000)
    .describe("How many of the latest decisions are replayed"),
  organizationId: slug.optional().describe("With everything below it"),
  cloudId: slug.optional(),
});
export type ImpactOrder = z.infer<typeof ImpactBody>;

export const CHANGES = ["newly_fails", "newly_needs_approval", "newly_passes"] as const;

const Counts = z.object({ newly_fails: z.int(), newly_needs_approval: z.int(), newly_passes: z.int() });

const ImpactCase = z.object({
  change: z.enum(CHANGES),
  kind: z.enum(["tenancy", "request", "cloud", "organization"]),
  id: z.string(),
  organizationId: z.string().nullable(),
  cloudId: z.string().nullable(),
  policyId: z.string(),
  message: text.nullable().describe("Of what it now breaks"),
  actual: z.unknown(),
  required: z.unknown(),
});

export const Impact = z
  .object({
    policyId: z.string(),
    version: z.int(),
    affects: z
      .array(z.string())
      .describe("The policies that would judge otherwise: itself, and whom it replaces"),
    resources: z.object({ judged: z.int(), ...Counts.shape }),
    requests: z.object({ judged: z.int(), ...Counts.shape }),
    byOrganization: z.record(z.string(), Counts),
    byCloud: z.record(z.string(), Counts),
    cases: z.array(ImpactCase).describe("The first of them"),
  })
  .openapi("PolicyImpact");
export type Impact = z.infer<typeof Impact>;
export type ImpactCase = Impact["cases"][number];
export type ImpactChange = ImpactCase["change"];

/** One line of the answer. */
export const ImpactLine = z
  .union([
    z.object({ progress: z.object({ done: z.int(), total: z.int() }) }),
    z.object({ impact: Impact }),
    z.object({ error: z.object({ code: z.string(), message: text }) }),
  ])
  .openapi("PolicyImpactLine");
export type ImpactLine = z.infer<typeof ImpactLine>;
