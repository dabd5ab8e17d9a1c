import { z } from "@hono/zod-openapi";
import { pageQuery } from "../../http/page.ts";
import { civilDate, line, madeId, paragraph, slug } from "../../kernel/input.ts";
import { EXEMPTION_CATEGORIES, exemptedResources } from "../exemption.ts";

const Evidence = z.strictObject({
  name: line(200).describe("Which document shows it"),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits")
    .optional()
    .describe("Digest of the document"),
});

export const RequestExemption = z.strictObject({
  policyIds: z.array(slug).min(1).max(16),
  validations: z.array(slug).min(1).max(32).optional().describe("Of those policies; all of them when absent"),
  resources: exemptedResources,
  category: z.enum(EXEMPTION_CATEGORIES),
  reason: paragraph(2000),
  compensatingMeasure: paragraph(2000).describe("What is done instead"),
  evidence: z.array(Evidence).max(16).default([]),
  organizationId: slug.describe("Who answers for it"),
  cloudId: slug.optional().describe("The one cloud that it is about; its operator sees it"),
  approver: madeId
    .optional()
    .describe("Account of the security administrator who is asked to approve it; it is refused without one"),
  expiresOn: civilDate.describe("The last day on which it holds, in China"),
});
export type RequestExemption = z.infer<typeof RequestExemption>;

export const OneExemption = z.strictObject({ id: madeId });
export const StepExemption = z.strictObject({ id: madeId, ifMatch: z.int().optional() });
export const EndBody = z.strictObject({ reason: line(500) });
export const EndExemption = z.strictObject({ ...StepExemption.shape, ...EndBody.shape });

const STATES = ["requested", "approved", "expired", "rejected", "revoked"] as const;

export const ListExemptions = z.strictObject({
  ...pageQuery,
  status: z.enum(["requested", "approved", "rejected", "revoked"]).optional(),
  policyId: slug.optional(),
  endsBefore: civilDate.optional().describe("Approved ones that end before this day"),
});

export const Exemption = z
  .object({
    id: z.string(),
    policyIds: z.array(z.string()),
    validations: z.array(z.string()).nullable(),
    resources: z.object({
      tenancies: z.array(z.string()).optional(),
      systems: z.array(z.string()).optional(),
      organizations: z.array(z.string()).optional(),
      clouds: z.array(z.string()).optional(),
      pools: z.array(z.string()).optional(),
      selector: z.string().optional(),
    }),
    category: z.enum(EXEMPTION_CATEGORIES),
    reason: z.string(),
    compensatingMeasure: z.string(),
    evidence: z.array(z.object({ name: z.string(), sha256: z.string().optional() })),
    organizationId: z.string(),
    cloudId: z.string().nullable(),
    status: z.enum(STATES).describe("expired: approved, and its last day is over"),
    requestedBy: z.string(),
    requestedAt: z.iso.datetime(),
    approver: z.string(),
    approvedAt: z.iso.datetime().nullable(),
    expiresOn: z.iso.date(),
    endsAt: z.iso.datetime().describe("The first moment at which it no longer holds, unless it is revoked"),
    endedAt: z.iso.datetime().nullable(),
    endReason: z.string().nullable(),
    generation: z.int(),
  })
  .openapi("Exemption");
export type Exemption = z.infer<typeof Exemption>;
