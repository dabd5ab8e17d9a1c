import { z } from "@hono/zod-openapi";
import { pageQuery } from "../http/page.ts";
import { quantity, resourceClass, slug, text } from "../kernel/input.ts";

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
    generation: z.int(),
  })
  .openapi("Quota");
export type Quota = z.infer<typeof Quota>;
