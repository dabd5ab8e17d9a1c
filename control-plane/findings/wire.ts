import { z } from "@hono/zod-openapi";
import { pageQuery, pageSchema } from "../http/page.ts";
import { line, madeId, slug } from "../kernel/input.ts";
import { FINDING_KINDS, FINDING_STATUSES } from "./finding.ts";
import type { FindingRow } from "./store.ts";

export const Finding = z
  .object({
    id: z.string(),
    kind: z
      .enum(FINDING_KINDS)
      .describe("orphan: marked ours without a living tenancy; unmanaged: bears no mark"),
    cloudId: z.string(),
    subject: z.string().describe("The object's name at the cloud"),
    details: z.object({
      ref: z.string(),
      displayName: z.string(),
      state: z.string(),
      pool: z.string(),
      quota: z.record(z.string(), z.int()),
      tenancyId: z.string().nullable(),
      organizationId: z.string().nullable(),
    }),
    status: z.enum(FINDING_STATUSES),
    decision: z
      .object({
        action: z.enum(["ignore", "remove"]),
        by: z.string(),
        at: z.iso.datetime(),
        reason: z.string(),
      })
      .nullable(),
    firstSeenAt: z.iso.datetime(),
    lastSeenAt: z.iso.datetime(),
    resolvedAt: z.iso.datetime().nullable(),
    generation: z.int(),
  })
  .openapi("Finding");
export type Finding = z.infer<typeof Finding>;

export const FindingPage = pageSchema(Finding).openapi("FindingPage");

export const ListFindings = z.strictObject({
  ...pageQuery,
  cloudId: slug.optional(),
  kind: z.enum(FINDING_KINDS).optional(),
  status: z.enum(FINDING_STATUSES).optional(),
});

export const OneFinding = z.strictObject({ id: madeId });
export const DecisionBody = z.strictObject({ reason: line(500) });
export const DecideFinding = z.strictObject({
  ...DecisionBody.shape,
  id: madeId,
  ifMatch: z.int().optional(),
});

export function findingView(row: FindingRow): Finding {
  return {
    ...row,
    details: { ...row.details, quota: { ...row.details.quota } },
    firstSeenAt: row.firstSeenAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    resolvedAt: row.resolvedAt?.toISOString() ?? null,
  };
}
