import { z } from "@hono/zod-openapi";
import { pageQuery } from "../http/page.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { civilDate, instant, line, madeId, quantity, resourceClass, slug } from "../kernel/input.ts";

/** As Limes names them; only `guaranteed` and `confirmed` bind capacity. */
const COMMITMENT_STATUSES = ["planned", "pending", "guaranteed", "confirmed", "expired"] as const;

/** A day in China; a moment stands for the day that it falls on there. */
const day = z.union([civilDate, instant.transform((moment) => chinaDate(new Date(moment)))]);

export const CreateCommitmentBody = z.strictObject({
  quotaNodeId: slug.optional().describe("The node that may draw from it; or `organizationId`"),
  organizationId: slug.optional().describe("Its quota node on the pool's cloud"),
  poolId: slug.optional().describe("The pool; or `cloudId` and `zone`, of which the roomiest pool is taken"),
  cloudId: slug.optional(),
  zone: z.enum(["internet", "extranet", "dedicated"]).optional(),
  resourceClass,
  amount: quantity.min(1),
  confirmBy: day.optional().describe("Decided by itself on this day; without it at once"),
  start: day.describe("The first day on which the capacity is there"),
  expiresAt: day.describe("The first day on which it no longer is"),
  note: line(500).optional(),
});

export const CreateCommitmentQuery = z.strictObject({
  dryRun: z
    .enum(["true", "false"])
    .transform((value) => value === "true")
    .optional()
    .describe("Answers what would be, and keeps nothing"),
});
export const CreateCommitment = z.strictObject({
  ...CreateCommitmentBody.shape,
  ...CreateCommitmentQuery.shape,
});
export type CreateCommitment = z.infer<typeof CreateCommitment>;

export const ListCommitments = z.strictObject({
  ...pageQuery,
  status: z.enum(COMMITMENT_STATUSES).optional(),
  quotaNodeId: slug.optional(),
  organizationId: slug.optional(),
  poolId: slug.optional(),
  cloudId: slug.optional(),
});
export type CommitmentFilters = Omit<z.infer<typeof ListCommitments>, "limit" | "cursor">;

export const OneCommitment = z.strictObject({ id: madeId });
export const StepCommitment = z.strictObject({ id: madeId, ifMatch: z.int().optional() });
export const CancelBody = z.strictObject({ reason: line(500) });
export const CancelCommitment = z.strictObject({ ...StepCommitment.shape, ...CancelBody.shape });

export const Commitment = z
  .object({
    id: z.string().nullable().describe("null for a dry run"),
    quotaNodeId: z.string(),
    organizationId: z.string().nullable(),
    poolId: z.string(),
    cloudId: z.string(),
    resourceClass,
    amount: z.int(),
    status: z
      .enum(COMMITMENT_STATUSES)
      .describe(
        "planned: nothing is set aside yet. pending: the day has come, and there is no room. guaranteed: set aside from `start` on. confirmed: in force. expired: over, or cancelled.",
      ),
    confirmBy: z.iso.date(),
    start: z.iso.date(),
    expiresAt: z.iso.date(),
    note: z.string().nullable(),
    reason: z.string().nullable().describe("Why it ended before its time"),
    createdAt: z.iso.datetime(),
    confirmedAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable(),
    generation: z.int(),
  })
  .openapi("Commitment");
