import { z } from "@hono/zod-openapi";
import { pageQuery } from "../http/page.ts";
import { quantity, resourceClass, slug, text } from "../kernel/input.ts";
import { type Consequences, ConsequencesView, OverLimit, OverLimitChoice } from "../over-limits/wire.ts";

export const ListQuotas = z.strictObject({
  ...pageQuery,
  parentId: slug.optional(),
  cloudId: slug.optional(),
  organizationId: slug.optional(),
});
export type QuotaFilters = Omit<z.infer<typeof ListQuotas>, "limit" | "cursor">;

export const GetQuota = z.strictObject({ nodeId: slug });

const limit = z.strictObject({
  nominal: quantity,
  borrowingLimit: quantity.nullable().describe("null borrows without limit"),
  lendingLimit: quantity.nullable().describe("null lends everything"),
});

/** Classes that are not named keep their limits. */
export const UpdateQuotaBody = z.strictObject({
  limits: z
    .partialRecord(resourceClass, limit)
    .refine((limits) => Object.keys(limits).length > 0, "names no resource class"),
  overLimit: OverLimitChoice.optional().describe("Needed where somebody uses more than the new limit"),
});

export const UpdateQuotaQuery = z.strictObject({
  dryRun: z
    .enum(["true", "false"])
    .transform((value) => value === "true")
    .optional()
    .describe("Answers what would be, and keeps nothing"),
});

export const UpdateQuota = z.strictObject({
  ...UpdateQuotaBody.shape,
  ...UpdateQuotaQuery.shape,
  nodeId: slug,
  ifMatch: z.int().optional(),
});

export const MoveQuotaBody = z.strictObject({
  parentId: slug.describe("The node below which it is to stand, with everything below it"),
  overLimit: OverLimitChoice.optional().describe("Needed where somebody would then be over a limit"),
});
export const MoveQuota = z.strictObject({
  ...MoveQuotaBody.shape,
  ...UpdateQuotaQuery.shape,
  nodeId: slug,
  ifMatch: z.int().optional(),
});

const QuotaFigures = z
  .object({
    resourceClass,
    nominal: z.int(),
    borrowingLimit: z.int().nullable(),
    lendingLimit: z.int().nullable(),
    localQuota: z.int().describe("Never lent upward"),
    subtreeQuota: z.int().describe("nominal and what the children lend"),
    used: z.int().describe("Claimed at this node itself"),
    held: z.int().describe("Held at this node itself"),
    subtreeUsed: z.int().describe("Claimed at this node and below it"),
    subtreeHeld: z.int().describe("Held at this node and below it"),
    available: z.int().describe("What may still be claimed here; 0 where limits were lowered below usage"),
    potentiallyAvailable: z.int().describe("What could be claimed here if nothing at all were in use"),
    borrowed: z.int().describe("What the node counts above its own subtree quota"),
    frozenBy: z
      .string()
      .nullable()
      .describe("The node here or above that was left over a lowered limit: nothing grows until it shrinks"),
  })
  .openapi("QuotaFigures");

export const Quota = z
  .object({
    id: z.string(),
    parentId: z.string().nullable(),
    childIds: z.array(z.string()).describe("Those that the caller may see"),
    kind: z.enum(["province", "cloud", "department"]),
    cloudId: z.string().nullable(),
    organizationId: z.string().nullable(),
    name: text,
    classes: z.array(QuotaFigures),
    overLimits: z.array(OverLimit).describe("Where limits were lowered below what is in use"),
    generation: z.int(),
  })
  .openapi("Quota");
export type Quota = z.infer<typeof Quota>;

export const ChangedQuota = Quota.extend({
  consequences: ConsequencesView.nullable().describe("What follows for those who are over; null for nobody"),
}).openapi("ChangedQuota");
export type ChangedQuota = Quota & { readonly consequences: Consequences | null };
