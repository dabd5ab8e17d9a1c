import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import type { OrganizationId } from "../kernel/ids.ts";
import { CHANGEABLE, RELEASABLE } from "../tenancies/changeable.ts";
import type { TenancyRow } from "../tenancies/store.ts";
import type { LifeStatus } from "./lifecycle.ts";
import { findOpenChange, findOpenTwin } from "./store.ts";
import type { TenancyRequestBody } from "./wire-body.ts";

/**
 * What is not asked twice: the same request while it waits, and one change of a tenancy while another one
 * waits or is being done, since each of two plans would be made without the other.
 */
export async function assertNoConflict(
  tx: Tx,
  organizationId: OrganizationId,
  body: TenancyRequestBody,
  tenancy: Pick<TenancyRow, "id" | "status"> | null,
): Promise<void> {
  const twin = await findOpenTwin(tx, organizationId, body);
  if (twin !== null) throw fault("request.duplicate", { id: twin });
  if (tenancy === null) return;
  const possible: readonly LifeStatus[] = body.kind === "release" ? RELEASABLE : CHANGEABLE;
  if (!possible.includes(tenancy.status)) {
    throw fault("tenancy.invalid_transition", { status: tenancy.status, possible });
  }
  const other = await findOpenChange(tx, tenancy.id);
  if (other !== null) throw fault("tenancy.change_in_progress", { requestId: other });
}
