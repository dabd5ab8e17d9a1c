import type { AuditEvent } from "../audit/record.ts";
import type { Tx } from "../db/tx.ts";
import type { EventDraft } from "../events/publish.ts";
import type { Clock } from "../kernel/clock.ts";
import type { QuotaNodeId } from "../kernel/ids.ts";
import { figuresOf, limitOf, type QuotaLink } from "../quota/tree.ts";
import { caseAudit, caseEvents } from "./case-record.ts";
import { saveCase, setFrozen } from "./rows.ts";
import { type OverLimitRow, openCases } from "./store.ts";

interface Closed {
  readonly audit: readonly AuditEvent[];
  readonly events: readonly EventDraft[];
}

/** Back under the limit: the case is over and growth is free again. The caller has locked what it is about. */
export async function closeCase(tx: Tx, ctx: { clock: Clock }, before: OverLimitRow): Promise<Closed> {
  await setFrozen(tx, before, false);
  const after = await saveCase(tx, before, { closedAt: ctx.clock.now() });
  return { audit: [caseAudit("over_limit.close", before, after)], events: await caseEvents(tx, after) };
}

/** Closes the cases of nodes whose figures, as they have just been written, are within their limits. */
export async function closeResolved(
  tx: Tx,
  ctx: { clock: Clock },
  links: ReadonlyMap<QuotaNodeId, QuotaLink>,
): Promise<Closed> {
  const audit: AuditEvent[] = [];
  const events: EventDraft[] = [];
  for (const row of await openCases(tx, { nodeIds: [...links.keys()] })) {
    const link = row.nodeId === null ? undefined : links.get(row.nodeId);
    if (link === undefined || overOf(link, row) > 0) continue;
    const closed = await closeCase(tx, ctx, row);
    audit.push(...closed.audit);
    events.push(...closed.events);
  }
  return { audit, events };
}

/** By how much a node is over for the class of a case; 0 and below where it is not. */
export function overOf(link: QuotaLink, { resourceClass }: Pick<OverLimitRow, "resourceClass">): number {
  const limit = limitOf(link, resourceClass);
  return limit === null ? 0 : figuresOf(link, resourceClass).usage - limit;
}
