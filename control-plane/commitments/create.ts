import { covers } from "../authz/scope.ts";
import { findPool, poolsOfZone } from "../clouds/store.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { type Fault, fault } from "../kernel/fault.ts";
import { type CloudId, knownId, type OrganizationId, type PoolId, type QuotaNodeId } from "../kernel/ids.ts";
import { findDepartmentNode, findNode } from "../quota/store.ts";
import { defineVerb, type Outcome } from "../verb.ts";
import { boundStatus, findRoom, remark } from "./promise.ts";
import type { NoRoom } from "./room.ts";
import { type CommitmentRow, insertCommitment } from "./store.ts";
import { type CommitmentView, commitmentAudit, commitmentEvent, commitmentView } from "./view.ts";
import { CreateCommitment } from "./wire.ts";

/**
 * A promise of capacity from a day on. Without a day on which it is to be decided it is decided at once, and
 * refused where there is no room; with one it is planned, and pending from that day on where there is none.
 */
export const createCommitment = defineVerb({
  name: "commitment.create",
  permission: "commitment.write",
  input: CreateCommitment,
  async run(tx, ctx, input): Promise<Outcome<CommitmentView>> {
    const today = chinaDate(ctx.clock.now());
    assertDays(input, today);
    const { resourceClass, amount, start, expiresAt, confirmBy, note = null, dryRun = false } = input;
    const pools = await poolsFor(tx, input);
    const [{ cloudId }] = pools;
    if (!covers(ctx.scope, { cloudId })) throw fault("auth.forbidden", { cloudId });
    const node = await nodeFor(tx, input, cloudId);
    const wish = { quotaNodeId: node.id, resourceClass, amount, start, expiresAt };
    const { poolId, noRoom } = await roomiest(tx, ctx, pools, wish);
    const decidedNow = confirmBy === undefined || confirmBy <= today;
    if (noRoom !== null && confirmBy === undefined) throw fault("commitment.no_room", { ...noRoom });
    const binds = decidedNow && noRoom === null;
    const now = ctx.clock.now();
    const row: CommitmentRow = {
      id: ctx.ids.next("cmt"),
      ...wish,
      organizationId: node.organizationId,
      poolId,
      cloudId,
      status: binds ? boundStatus(wish, today) : decidedNow ? "pending" : "planned",
      confirmBy: confirmBy ?? today,
      note,
      reason: null,
      createdBy: ctx.actor.accountId,
      createdAt: now,
      confirmedAt: binds ? now : null,
      endedAt: null,
      generation: 1,
    };
    if (dryRun) return { result: { ...commitmentView(row), id: null }, audit: [] };
    const saved = await insertCommitment(tx, row);
    if (binds) await remark(tx, saved);
    return {
      result: commitmentView(saved),
      audit: commitmentAudit("commitment.create", null, saved),
      events: [commitmentEvent(saved)],
    };
  },
});

function assertDays({ confirmBy, start, expiresAt }: CreateCommitment, today: string): void {
  if (start < today) throw invalid("start", `is over already: today is ${today}`);
  if (expiresAt <= start) throw invalid("expiresAt", "must be after start");
  if (confirmBy !== undefined && confirmBy > start) throw invalid("confirmBy", "must not be after start");
}

type SomePools = readonly [PoolPlace, ...PoolPlace[]];
interface PoolPlace {
  readonly poolId: PoolId;
  readonly cloudId: CloudId;
}

async function poolsFor(tx: Tx, { poolId, cloudId, zone }: CreateCommitment): Promise<SomePools> {
  if (poolId !== undefined) {
    const pool = await findPool(tx, knownId<PoolId>(poolId));
    if (pool === undefined) throw invalid("poolId", "names no pool");
    if (cloudId !== undefined && cloudId !== pool.cloudId)
      throw invalid("cloudId", "is not the pool's cloud");
    return [{ poolId: pool.id, cloudId: pool.cloudId }];
  }
  if (cloudId === undefined || zone === undefined) throw invalid("poolId", "is needed, or cloudId and zone");
  const [first, ...more] = (await poolsOfZone(tx, knownId<CloudId>(cloudId), zone)).map(({ id }) => ({
    poolId: id,
    cloudId: knownId<CloudId>(cloudId),
  }));
  if (first === undefined) throw invalid("zone", "has no pool on that cloud");
  return [first, ...more];
}

async function nodeFor(tx: Tx, { quotaNodeId, organizationId }: CreateCommitment, cloudId: CloudId) {
  const node =
    quotaNodeId !== undefined
      ? await findNode(tx, knownId<QuotaNodeId>(quotaNodeId))
      : organizationId !== undefined
        ? await findDepartmentNode(tx, cloudId, knownId<OrganizationId>(organizationId))
        : undefined;
  if (node === undefined) throw fault("quota.unknown_node", { quotaNodeId, organizationId });
  if (node.kind !== "department" || node.cloudId !== cloudId) {
    throw invalid("quotaNodeId", "must be a department's node on the pool's cloud");
  }
  return node;
}

/** In the order of their ids, which is the order of locks. */
async function roomiest(
  tx: Tx,
  ctx: Ctx,
  pools: SomePools,
  wish: Omit<Parameters<typeof findRoom>[2], "poolId">,
): Promise<{ readonly poolId: PoolId; readonly noRoom: NoRoom | null }> {
  let best: { poolId: PoolId; noRoom: NoRoom | null } | null = null;
  for (const { poolId } of pools) {
    const noRoom = await findRoom(tx, ctx, { ...wish, poolId });
    if (noRoom === null) return { poolId, noRoom };
    if (best === null || noRoom.fitting > (best.noRoom?.fitting ?? 0)) best = { poolId, noRoom };
  }
  return best ?? { poolId: pools[0].poolId, noRoom: null };
}

function invalid(path: string, message: string): Fault {
  return fault("http.invalid_input", { issues: [{ path, message }] });
}
