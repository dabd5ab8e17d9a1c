import { z } from "@hono/zod-openapi";
import { pageQuery, pageSchema } from "../http/page.ts";
import { madeId } from "../kernel/input.ts";
import type { DeadLetterRow } from "./dead-letter-rows.ts";
import type { OperationRow } from "./rows.ts";
import { stepTitle } from "./step-title.ts";

const STATUSES = ["pending", "running", "succeeded", "failed"] as const;

export const Operation = z
  .object({
    id: z.string(),
    kind: z.enum(["provision", "resize", "renew", "retire", "suspend", "resume", "repair"]),
    status: z.enum(STATUSES),
    tenancyId: z.string(),
    requestId: z.string().nullable(),
    organizationId: z.string(),
    cloudId: z.string(),
    steps: z.array(
      z.object({
        name: z.string().describe("For programs: part, and what is done to it"),
        title: z.object({ zh: z.string(), en: z.string() }),
        status: z.enum(["pending", "running", "done", "failed"]),
        message: z.string().nullable(),
        at: z.iso.datetime().nullable(),
      }),
    ),
    progress: z.int().min(0).max(100).describe("Whole per cent"),
    error: z
      .object({
        code: z.string(),
        message: z.string(),
        messageZh: z.string(),
        transient: z.boolean().describe("Tried again without anybody's doing"),
      })
      .nullable(),
    dueAt: z.iso.datetime().nullable(),
    overdue: z.boolean(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    generation: z.int(),
    links: z.record(z.string(), z.string()),
  })
  .openapi("Operation");
export type Operation = z.infer<typeof Operation>;

export const OperationPage = pageSchema(Operation).openapi("OperationPage");

export const ListOperations = z.strictObject({
  ...pageQuery,
  status: z.enum(STATUSES).optional(),
  tenancyId: madeId.optional(),
});

export const OneOperation = z.strictObject({ id: madeId });
export const RetryOperation = z.strictObject({ id: madeId, ifMatch: z.int().optional() });

const DeadLetter = z
  .object({
    id: z.string(),
    kind: z.string(),
    key: z.string(),
    failedAt: z.iso.datetime(),
    tenancyId: z.string(),
  })
  .openapi("DeadLetter");

export const DeadLetterPage = pageSchema(DeadLetter).openapi("DeadLetterPage");
export const ListDeadLetters = z.strictObject(pageQuery);

export function operationView(row: OperationRow, now: Date): Operation {
  return {
    id: row.id,
    kind: row.kind,
    status: row.status,
    tenancyId: row.tenancyId,
    requestId: row.requestId,
    organizationId: row.organizationId,
    cloudId: row.cloudId,
    steps: row.steps.map((step) => ({ ...step, title: stepTitle(step.name) })),
    progress: row.progress,
    error: row.error,
    dueAt: row.dueAt?.toISOString() ?? null,
    overdue: row.finishedAt === null && row.dueAt !== null && row.dueAt < now,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    generation: row.generation,
    links: {
      self: `/api/v1/operations/${row.id}`,
      tenancy: `/api/v1/tenancies/${row.tenancyId}`,
      ...(row.requestId === null ? {} : { request: `/api/v1/tenancy-requests/${row.requestId}` }),
    },
  };
}

export function deadLetterView({ id, kind, key, failedAt, tenancyId }: DeadLetterRow) {
  return { id, kind, key, failedAt: failedAt.toISOString(), tenancyId };
}
