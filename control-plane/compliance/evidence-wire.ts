import { z } from "@hono/zod-openapi";
import { pageQuery, pageSchema } from "../http/page.ts";
import { civilDate, line, madeId, slug } from "../kernel/input.ts";
import type { EvidenceRow } from "./evidence-rows.ts";

export const EvidenceQuery = z.strictObject({
  controlId: slug.describe("The policy that it is evidence for"),
  coverage: z
    .string()
    .regex(
      /^(province|(cloud|organization|system):[a-z0-9][a-z0-9._-]{0,99})$/,
      "must be province or KIND:ID",
    )
    .describe("province, cloud:ID, organization:ID with everything below it, or system:ID"),
  fileName: line(200),
  validFrom: civilDate,
  validUntil: civilDate.describe("The last day on which it counts"),
  note: line(500).optional(),
});

/** What the verb takes: the query, the file, and what the client says of its type. */
export const AddEvidence = EvidenceQuery.extend({
  content: z.instanceof(Uint8Array),
  mediaType: z.string().regex(/^[\w.+-]{1,60}\/[\w.+-]{1,100}$/, "is not a media type"),
}).refine(({ validFrom, validUntil }) => validFrom <= validUntil, {
  path: ["validUntil"],
  message: "is before validFrom",
});

export const Evidence = z
  .object({
    id: z.string(),
    controlId: z.string(),
    coverage: z.string(),
    fileName: z.string(),
    mediaType: z.string(),
    bytes: z.int(),
    sha256: z.string(),
    note: z.string().nullable(),
    validFrom: z.iso.date(),
    validUntil: z.iso.date(),
    uploadedBy: z.string(),
    uploadedAt: z.iso.datetime(),
    withdrawn: z
      .object({ at: z.iso.datetime(), by: z.string().nullable(), reason: z.string().nullable() })
      .nullable(),
    generation: z.int(),
  })
  .openapi("Evidence");
export type Evidence = z.infer<typeof Evidence>;
export const EvidencePage = pageSchema(Evidence).openapi("EvidencePage");

export const ListEvidence = z.strictObject({
  ...pageQuery,
  controlId: slug.optional(),
  valid: z.enum(["true"]).optional().describe("Only what counts today"),
});
export const OneEvidence = z.strictObject({ id: madeId });
export const WithdrawBody = z.strictObject({ reason: line(500) });
export const WithdrawEvidence = z.strictObject({
  ...WithdrawBody.shape,
  id: madeId,
  ifMatch: z.int().optional(),
});

export function evidenceView(row: EvidenceRow): Evidence {
  const { id, controlId, coverageKind, coverageId, fileName, mediaType, bytes, sha256, note } = row;
  const { validFrom, validUntil, uploadedByName, uploadedAt, withdrawnAt, generation } = row;
  return {
    id,
    controlId,
    coverage: coverageKind === "province" ? "province" : `${coverageKind}:${coverageId}`,
    fileName,
    mediaType,
    bytes,
    sha256,
    note,
    validFrom,
    validUntil,
    uploadedBy: uploadedByName,
    uploadedAt: uploadedAt.toISOString(),
    withdrawn:
      withdrawnAt === null
        ? null
        : { at: withdrawnAt.toISOString(), by: row.withdrawnBy, reason: row.withdrawnReason },
    generation,
  };
}
