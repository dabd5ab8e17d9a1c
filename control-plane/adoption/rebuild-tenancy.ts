import type { Ownership } from "../../providers/port.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { knownId, type PlacementId, type TenancyId } from "../kernel/ids.ts";
import type { OverLimitChoice } from "../over-limits/wire.ts";
import { findSystem } from "../requests/store.ts";
import { lockTenancy } from "../tenancies/store.ts";
import { type FoundTenancy, largest } from "./found.ts";
import { type Landing, requireOrganization, seatOf } from "./landing.ts";
import { NotTaken } from "./not-taken.ts";
import { rolesOf } from "./part-roles.ts";
import { takeIn } from "./take-in.ts";

/** What clouds show of one tenancy: its placements, each with our mark. */
export interface MarkedTenancy {
  readonly ownership: Ownership;
  readonly parts: readonly (FoundTenancy & { readonly placementId: string })[];
}

export interface Rebuilt extends Landing {
  /** The system is in no document: name and level were taken from where it stands. */
  readonly systemIsNew: boolean;
}

/** Puts all placements of a tenancy together, by their marks. */
export function byTenancy(found: readonly FoundTenancy[]): MarkedTenancy[] {
  const tenancies = new Map<string, MarkedTenancy>();
  for (const one of found) {
    const { ownership } = one.tenancy;
    if (ownership === null) continue;
    const { tenancyId, placementId } = ownership;
    const known = tenancies.get(tenancyId)?.parts ?? [];
    tenancies.set(tenancyId, { ownership, parts: [...known, { ...one, placementId }] });
  }
  return [...tenancies.values()];
}

/** Records a tenancy again from what its marks say. @throws as `takeIn` */
export async function rebuildTenancy(
  tx: Tx,
  ctx: Ctx,
  { ownership, parts }: MarkedTenancy,
  termEnd: string,
  choice: OverLimitChoice | undefined,
): Promise<Rebuilt> {
  const tenancyId = knownId<TenancyId>(ownership.tenancyId);
  if ((await lockTenancy(tx, tenancyId)) !== undefined) {
    throw new NotTaken(
      `租户 ${tenancyId} 已有记录，但没有这一部分`,
      `${tenancyId} is on record, without this part`,
    );
  }
  const organizationId = await requireOrganization(tx, ownership.organizationId);
  const seats = [];
  for (const part of parts)
    seats.push({ part, ...(await seatOf(tx, part.cloudId, part.tenancy.pool, organizationId)) });
  const shapes = seats.map(({ part, pool }) => ({
    cloudId: part.cloudId,
    zone: pool.zone,
    amounts: largest(part.tenancy.quota, {}),
    instances: part.instances.length,
  }));
  const roles = rolesOf(shapes);
  if (roles === null) throw new NotTaken("各部分的角色无法分辨", "its parts cannot be told apart");
  const home = seats[roles.indexOf("primary")];
  if (home === undefined) throw new NotTaken("没有主体部分", "it has no primary part");
  const name = home.part.tenancy.displayName || home.part.tenancy.name;
  const registered = await findSystem(tx, organizationId, name);
  const landing: Landing = {
    tenancyId,
    organizationId,
    system: {
      name,
      mlpsLevel: registered?.mlpsLevel ?? home.pool.mlpsLevel,
      dataClass: registered?.dataClass ?? "general",
    },
    environment: "production",
    term: { start: chinaDate(ctx.clock.now()), end: termEnd },
    origin: "rebuilt",
    parts: seats.map(({ part, pool, quotaNodeId }, at) => ({
      placementId: knownId<PlacementId>(part.placementId),
      role: roles[at] ?? "primary",
      cloudId: part.cloudId,
      poolId: pool.id,
      quotaNodeId,
      zone: pool.zone,
      architecture: pool.architecture,
      amounts: shapes[at]?.amounts ?? {},
      found: part,
    })),
  };
  await takeIn(tx, ctx, landing, choice);
  return { ...landing, systemIsNew: registered === undefined };
}
