import { insertRows } from "../db/insert-many.ts";
import { events } from "../db/schema/tenancies.ts";
import type { Tx } from "../db/tx.ts";
import type { Clock } from "../kernel/clock.ts";
import type { CloudId, OrganizationId } from "../kernel/ids.ts";

/** A hint to whoever watches that something changed; the resource itself is the truth. */
export interface EventDraft {
  readonly type:
    | "request.changed"
    | "tenancy.changed"
    | "operation.changed"
    | "cloud.changed"
    | "finding.changed"
    | "over_limit.changed"
    | "commitment.changed"
    | "policy.changed"
    | "exemption.changed"
    | "assessment.changed"
    | "compliance_finding.changed";
  readonly subjectId: string;
  readonly organizationId: OrganizationId | null;
  readonly cloudId: CloudId | null;
  readonly data: Record<string, unknown>;
}

/** Leaves events in the outbox, inside the caller's transaction. */
export async function publish(tx: Tx, ctx: { clock: Clock }, drafts: readonly EventDraft[]): Promise<void> {
  const at = ctx.clock.now();
  insertRows(
    tx,
    events,
    drafts.map((draft) => ({ ...draft, at })),
  );
}
