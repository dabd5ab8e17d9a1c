import { z } from "@hono/zod-openapi";
import { pageQuery } from "../http/page.ts";
import type { RequestId } from "../kernel/ids.ts";
import { civilDate, instant, madeId, resourceClass, slug } from "../kernel/input.ts";
import type { Excess } from "./excess.ts";
import type { Holder } from "./holder-rows.ts";
import type { ShrinkPlan } from "./shrink-plan.ts";

export const CHOICES = ["freeze", "grace", "shrink"] as const;

/** What is to happen to those who are over a limit that is lowered under what they use. */
export const OverLimitChoice = z
  .discriminatedUnion("choice", [
    z.strictObject({ choice: z.literal("freeze").describe("No growth until they are back under it") }),
    z.strictObject({
      choice: z.literal("grace").describe("Until a date, with notices; then `freeze`"),
      until: z.union([civilDate, instant]).describe("The last day in China, or a moment"),
    }),
    z.strictObject({ choice: z.literal("shrink").describe("Asks for resizes, which go the usual way") }),
  ])
  .openapi("OverLimitChoice");
export type OverLimitChoice = z.infer<typeof OverLimitChoice>;

const Reduction = z.object({
  tenancyId: z.string(),
  organizationId: z.string(),
  from: z.int(),
  to: z.int(),
});

const ExcessView = z
  .object({
    nodeId: z.string().nullable(),
    poolId: z.string().nullable(),
    level: z.string(),
    dimension: resourceClass,
    limit: z.int(),
    used: z.int(),
    held: z.int(),
    missing: z.int().describe("By how much it is over"),
    commitmentId: z.string().nullable().describe("A promise that would have no room any more"),
    from: z.string().nullable().describe("The day from which"),
    holders: z
      .array(z.object({ tenancyId: z.string(), organizationId: z.string(), amount: z.int() }))
      .describe("Who has most of it"),
  })
  .openapi("Excess");

/** What follows from a change that leaves somebody over a limit. */
export const ConsequencesView = z
  .object({
    choice: z.enum(CHOICES),
    excesses: z.array(ExcessView),
    shrink: z
      .array(z.object({ dimension: resourceClass, reductions: z.array(Reduction), uncovered: z.int() }))
      .describe("The plan of the choice `shrink`"),
    requestIds: z.array(z.string()).describe("The resizes that were asked for; empty in a dry run"),
  })
  .openapi("Consequences");

export interface Consequences {
  readonly choice: OverLimitChoice["choice"];
  readonly excesses: readonly (Excess & { readonly holders: readonly Holder[] })[];
  readonly shrink: readonly ShrinkPlan[];
  readonly requestIds: readonly RequestId[];
}

export const OverLimit = z
  .object({
    id: z.string(),
    nodeId: z.string().nullable(),
    poolId: z.string().nullable(),
    resourceClass,
    choice: z.enum(CHOICES),
    phase: z.enum(["grace", "frozen"]).describe("In `frozen` nothing grows there or below"),
    since: z.iso.datetime(),
    until: z.iso.datetime().nullable().describe("The end of the grace period"),
    over: z.int().describe("By how much it was over when last looked at"),
    notices: z.array(z.object({ at: z.iso.datetime(), daysLeft: z.int() })),
    requestIds: z.array(z.string()),
    closedAt: z.iso.datetime().nullable(),
    generation: z.int(),
  })
  .openapi("OverLimit");
export type OverLimit = z.infer<typeof OverLimit>;

export const ListOverLimits = z.strictObject({
  ...pageQuery,
  nodeId: slug.optional(),
  poolId: slug.optional(),
  cloudId: slug.optional(),
  open: z
    .enum(["true", "false"])
    .transform((value) => value === "true")
    .optional(),
});
export type OverLimitFilters = Omit<z.infer<typeof ListOverLimits>, "limit" | "cursor">;

export const OneOverLimit = z.strictObject({ id: madeId });
export const ChooseBody = z.strictObject({ overLimit: OverLimitChoice });
export const ChooseOverLimit = z.strictObject({
  ...ChooseBody.shape,
  id: madeId,
  ifMatch: z.int().optional(),
});
