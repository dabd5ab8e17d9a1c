import type { AuditEvent } from "../audit/record.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import type { EventDraft } from "../events/publish.ts";
import { assertNoConflict } from "./conflicts.ts";
import { decide } from "./decide.ts";
import { ask } from "./question.ts";
import { requestAudit, requestEvent } from "./record.ts";
import { reserve } from "./reserve.ts";
import { rowOf } from "./row.ts";
import { insertRequests, type RequestRow } from "./store.ts";
import type { ResizeBody } from "./wire-body.ts";

interface FiledRequest {
  readonly row: RequestRow;
  readonly audit: AuditEvent;
  readonly event: EventDraft;
}

/**
 * Asks for a resize that its department has not asked for. It always waits for people, also where rules would
 * let it pass: nobody's tenancy shrinks on somebody else's word. Null where rules forbid it. The caller has
 * locked the tenancy.
 */
export async function fileResize(tx: Tx, ctx: Ctx, body: ResizeBody): Promise<FiledRequest | null> {
  const asked = await ask(tx, ctx, body);
  await assertNoConflict(tx, asked.question.organizationId, body, asked.tenancy);
  const id = ctx.ids.next("req");
  const reserved = await reserve(tx, ctx, id, asked.question, await decide(tx, ctx, asked.question));
  if (reserved.proposal === null) return null;
  const row = rowOf(ctx, id, body, asked, reserved);
  insertRequests(tx, [row]);
  return { row, audit: requestAudit("request.submit", null, row), event: requestEvent(row) };
}
