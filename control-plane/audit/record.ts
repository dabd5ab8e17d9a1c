import { type Caller, rolesOf } from "../context.ts";
import { insertRows } from "../db/insert-many.ts";
import { auditEntries } from "../db/schema/audit.ts";
import type { Tx } from "../db/tx.ts";
import type { Clock } from "../kernel/clock.ts";
import type { CloudId, Ids, OrganizationId } from "../kernel/ids.ts";
import type { AuditAction } from "./actions.ts";

/** What happened, in the words of the audit log. `before` and `after` are public JSON without secrets. */
export interface AuditEvent {
  readonly action: AuditAction;
  readonly targetType: string;
  readonly targetId: string;
  readonly organizationId?: OrganizationId | null;
  readonly cloudId?: CloudId | null;
  readonly outcome?: "succeeded" | "refused" | "failed";
  readonly reason?: string | null;
  readonly before?: unknown;
  readonly after?: unknown;
}

interface RecordContext extends Caller {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Writes audit rows inside the caller's transaction: no change without its row, no row without its change. */
export async function record(tx: Tx, ctx: RecordContext, events: readonly AuditEvent[]): Promise<void> {
  recordAll(tx, [{ ctx, events }]);
}

/** What several callers did in one transaction, each under their own name. */
export function recordAll(
  tx: Tx,
  deeds: readonly { readonly ctx: RecordContext; readonly events: readonly AuditEvent[] }[],
): void {
  insertRows(
    tx,
    auditEntries,
    deeds.flatMap(({ ctx, events }) => {
      const at = ctx.clock.now();
      return events.map((event) => ({
        id: ctx.ids.next("aud"),
        at,
        actor: { accountId: ctx.actor.accountId, name: ctx.actor.name, roles: rolesOf(ctx.actor) },
        action: event.action,
        outcome: event.outcome ?? ("succeeded" as const),
        targetType: event.targetType,
        targetId: event.targetId,
        organizationId: event.organizationId ?? null,
        cloudId: event.cloudId ?? null,
        reason: event.reason ?? null,
        before: event.before ?? null,
        after: event.after ?? null,
        requestId: ctx.requestId,
        sourceAddress: ctx.sourceAddress,
      }));
    }),
  );
}
