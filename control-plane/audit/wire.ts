import { z } from "@hono/zod-openapi";
import { pageQuery } from "../http/page.ts";
import { instant, line, madeId, slug } from "../kernel/input.ts";
import { AUDIT_ACTIONS } from "./actions.ts";
import type { CheckpointRow, FoundEntry } from "./rows.ts";

const outcome = z.enum(["succeeded", "refused", "failed"]);
const algorithm = z.enum(["sha256", "sm3"]);

export const ListAuditEntries = z.strictObject({
  ...pageQuery,
  action: z.enum(AUDIT_ACTIONS).optional(),
  targetType: slug.optional(),
  targetId: line(200).optional(),
  organizationId: slug.optional(),
  cloudId: slug.optional(),
  accountId: madeId.optional(),
  outcome: outcome.optional(),
  from: instant.optional().describe("At this time or later"),
  to: instant.optional().describe("Before this time"),
  requestId: line(100).optional(),
});
export type AuditFilters = Omit<z.infer<typeof ListAuditEntries>, "limit" | "cursor">;

export const GetAuditEntry = z.strictObject({ id: madeId });
export const ListCheckpoints = z.strictObject({ ...pageQuery });

const position = z.union([
  z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number),
  instant,
]);

/** An end of the range: the number of a row in the chain, or a time. */
export const ExportAudit = z.strictObject({
  from: position.optional().describe("First row, by number or by time; the beginning when absent"),
  to: position.optional().describe("Last row, by number or by time; the latest sealed row when absent"),
});
export type ExportAudit = z.infer<typeof ExportAudit>;

export const AuditEntryResource = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    actor: z.object({ accountId: z.string().nullable(), name: z.string(), roles: z.array(z.string()) }),
    action: z.string(),
    outcome,
    targetType: z.string(),
    targetId: z.string(),
    organizationId: z.string().nullable(),
    cloudId: z.string().nullable(),
    reason: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    requestId: z.string(),
    sourceAddress: z.string().nullable(),
    seal: z
      .object({ seq: z.int(), previousHash: z.string(), hash: z.string(), algorithm })
      .nullable()
      .describe("Its place in the chain; null for the seconds until it is sealed"),
  })
  .openapi("AuditEntry");

export const CheckpointResource = z
  .object({
    seq: z.int(),
    hash: z.string(),
    algorithm,
    sealedAt: z.iso.datetime(),
    keyId: z.string(),
    publicKey: z.string().describe("Ed25519, SPKI in PEM form"),
    signature: z.string(),
  })
  .openapi("AuditCheckpoint");

export function entryResource({ entry, seal }: FoundEntry): z.infer<typeof AuditEntryResource> {
  const { accountId, name, roles } = entry.actor;
  if (seal === null) return { ...entry, actor: { accountId, name, roles: [...roles] }, seal };
  const { seq, previousHash, hash, algorithm } = seal;
  return {
    ...entry,
    actor: { accountId, name, roles: [...roles] },
    seal: { seq, previousHash, hash, algorithm },
  };
}

export function checkpointResource(row: CheckpointRow): z.infer<typeof CheckpointResource> {
  return { ...row, sealedAt: row.sealedAt.toISOString() };
}
