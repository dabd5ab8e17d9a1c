import { z } from "@hono/zod-openapi";
import { slug, text } from "../kernel/input.ts";
import { LIFE_STATUSES } from "../requests/lifecycle.ts";

/** `format` is looked at by itself, so that an unknown one has its own code. */
export const ReportQuery = z.strictObject({
  format: z
    .string()
    .max(20)
    .optional()
    .describe("json (default) or csv; csv is also answered to Accept: text/csv"),
  organizationId: slug.optional().describe("With everything below it"),
  cloudId: slug.optional().describe("Where anything of the tenancy lies"),
});

const Role = z.enum(["primary", "edge", "recovery"]);

export const AllocationRow = z
  .object({
    tenancyId: z.string(),
    status: z.enum(LIFE_STATUSES),
    environment: z.string(),
    organization: z.object({ id: z.string(), name: text }),
    system: z.object({ id: z.string(), name: z.string() }),
    resourceClass: z.string(),
    amount: z.int(),
    place: z.object({
      cloudId: z.string(),
      cloud: text,
      poolId: z.string(),
      zone: z.string(),
      architecture: z.string(),
      role: Role,
    }),
    since: z.iso.date(),
    until: z.iso.date(),
    decision: z.object({
      requestId: z.string(),
      planHash: z.string(),
      outcome: z.enum(["allowed", "needs_approval", "denied"]).nullable(),
      requiringApproval: z.array(z.string()).describe("Policies that asked for an approval"),
    }),
    approvals: z.array(
      z.object({
        accountId: z.string(),
        account: z.string().nullable(),
        role: z.string(),
        at: z.iso.datetime(),
      }),
    ),
    quota: z.object({
      nodeId: z.string(),
      nominal: z.int().nullable(),
      used: z.int().nullable().describe("Claimed at this very node, by all tenancies"),
    }),
  })
  .openapi("AllocationRow");
export type AllocationRow = z.infer<typeof AllocationRow>;

const head = {
  generatedAt: z.iso.datetime(),
  filters: z.object({ organizationId: z.string().nullable(), cloudId: z.string().nullable() }),
};

export const AllocationReport = z
  .object({
    report: z.literal("allocations"),
    ...head,
    rows: z.array(AllocationRow),
    rowCount: z.int(),
  })
  .openapi("AllocationReport");
