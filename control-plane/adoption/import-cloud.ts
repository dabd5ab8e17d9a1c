import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import type { ResourceVector } from "../kernel/quantity.ts";
import type { OverLimitChoice } from "../over-limits/wire.ts";
import { type FoundTenancy, largest, usedBy } from "./found.ts";
import { type Landing, requireOrganization, seatOf } from "./landing.ts";
import type { Matched } from "./match.ts";
import { NotTaken } from "./not-taken.ts";
import { takeIn } from "./take-in.ts";

type Adopted = Extract<Matched, { readonly rule: unknown }>;

/** Takes in one tenancy that bears no mark as what its rule says. @throws as `takeIn` */
export async function importTenancy(
  tx: Tx,
  ctx: Ctx,
  found: FoundTenancy,
  matched: Adopted,
  choice: OverLimitChoice | undefined,
): Promise<Landing> {
  const { rule, systemName: name } = matched;
  const { cloudId, tenancy } = found;
  const organizationId = await requireOrganization(tx, matched.organizationId);
  const { pool, quotaNodeId } = await seatOf(tx, cloudId, rule.pool ?? tenancy.pool, organizationId);
  const start = chinaDate(ctx.clock.now());
  if (rule.until < start)
    throw new NotTaken(`规则的期限 ${rule.until} 已过`, `its rule ends on ${rule.until}`);
  const landing: Landing = {
    tenancyId: ctx.ids.next("ten"),
    organizationId,
    system: { ...rule.system, name },
    environment: rule.environment,
    term: { start, end: rule.until },
    origin: "imported",
    parts: [
      {
        placementId: ctx.ids.next("plc"),
        role: "primary",
        cloudId,
        poolId: pool.id,
        quotaNodeId,
        zone: pool.zone,
        architecture: pool.architecture,
        amounts: claimOf(found, rule.claim),
        found,
      },
    ],
  };
  await takeIn(tx, ctx, landing, choice);
  return landing;
}

/** A quota below what is in use would be claimed in vain. */
function claimOf(found: FoundTenancy, claim: Adopted["rule"]["claim"]): ResourceVector {
  const used = usedBy(found);
  return claim === "usage" ? used : largest(used, found.tenancy.quota);
}
