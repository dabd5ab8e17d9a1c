import { record } from "../audit/record.ts";
import type { Ctx } from "../context.ts";
import { lockMap } from "../db/map-lock.ts";
import type { Tx } from "../db/tx.ts";
import { publish } from "../events/publish.ts";
import type { SystemId } from "../kernel/ids.ts";
import type { OverLimitChoice } from "../over-limits/wire.ts";
import { claimFound } from "../quota/claim-found.ts";
import { factsOfCreate } from "../requests/facts.ts";
import { findSystem, insertRequests, insertSystem, type RequestRow } from "../requests/store.ts";
import type { CreateBody } from "../requests/wire-body.ts";
import { tenancyAudit, tenancyEvent } from "../tenancies/move.ts";
import {
  insertPlacements,
  insertTenancies,
  livePlacementNames,
  type TenancyRow,
} from "../tenancies/store.ts";
import { groupsOf } from "./instance-groups.ts";
import { placementRow, statusOf, tenancyRow } from "./landed.ts";
import { type Landing, type LandingPart, resourcesOf } from "./landing.ts";
import { NotTaken } from "./not-taken.ts";
import { settleExcess } from "./settle-excess.ts";

/**
 * Records what is there already as a tenancy with its placements and claims. Where it takes somebody over a limit,
 * `choice` says what is to happen, as for a limit that is lowered; without one nothing is recorded.
 * @throws NotTaken, or quota.over_limit and capacity.over_limit with who would be over
 */
export async function takeIn(
  tx: Tx,
  ctx: Ctx,
  landing: Landing,
  choice: OverLimitChoice | undefined,
): Promise<TenancyRow> {
  // One after the other: two who take in the same would count it twice.
  await lockMap(tx);
  await requireUnknown(tx, landing);
  const primary = landing.parts.find(({ role }) => role === "primary");
  if (primary === undefined) throw new NotTaken("没有主体部分", "it has no primary part");
  const { id: systemId, name, mlpsLevel, dataClass } = await registered(tx, ctx, landing);
  const body = bodyOf({ ...landing, system: { name, mlpsLevel, dataClass } }, primary);
  const facts = factsOfCreate(body, systemId);
  const request = requestRow(ctx, landing, body, facts, primary);
  const tenancy = tenancyRow(ctx, landing, request, primary);
  insertRequests(tx, [request]);
  insertTenancies(tx, [tenancy]);
  insertPlacements(
    tx,
    landing.parts.map((part) => placementRow(ctx, landing, part)),
  );
  const settled = await settleExcess(tx, ctx, landing.parts, choice, () =>
    claimFound(tx, ctx, landing.parts, landing.tenancyId),
  );
  if (landing.origin === "imported") await ctx.queue.enqueue(tx, "tenancy.reconcile", tenancy.id);
  const audit = tenancyAudit(`tenancy.${landing.origin}`, null, tenancy);
  await record(tx, ctx, [{ ...audit, reason: namesOf(landing) }, ...settled.audit]);
  await publish(tx, ctx, [tenancyEvent(tenancy), ...settled.events]);
  return tenancy;
}

async function requireUnknown(tx: Tx, { parts }: Landing): Promise<void> {
  for (const { cloudId, found } of parts) {
    if (!(await livePlacementNames(tx, cloudId)).has(found.tenancy.name)) continue;
    throw new NotTaken(`${found.tenancy.name} 已有记录`, `${found.tenancy.name} is on record already`);
  }
}

function namesOf({ parts }: Landing): string {
  return parts.map(({ found }) => found.tenancy.name).join(", ");
}

/** The registered system of that name, whose level and class count, or a new one. */
async function registered(tx: Tx, ctx: Ctx, { organizationId, system }: Landing) {
  const known = await findSystem(tx, organizationId, system.name);
  if (known !== undefined) return known;
  const row = { ...system, id: ctx.ids.next("sys"), organizationId, filingNo: null };
  await insertSystem(tx, row);
  return row;
}

/** The request that somebody would have made for it. */
function bodyOf(landing: Landing, primary: LandingPart): CreateBody {
  const { organizationId, system, environment, term, origin, parts } = landing;
  const zones = [...new Set(parts.filter(({ role }) => role !== "recovery").map(({ zone }) => zone))];
  const copy = parts.find(({ role }) => role === "recovery");
  const { groups } = groupsOf(primary.found.instances);
  return {
    organizationId,
    system,
    environment,
    term,
    purpose: origin,
    network: { zones, internetExposed: zones.includes("internet") },
    resources: resourcesOf(parts),
    instances: [...groups],
    ...(copy === undefined
      ? {}
      : {
          recovery: {
            class: copy.cloudId === primary.cloudId ? ("same_city" as const) : ("remote" as const),
          },
        }),
  };
}

function requestRow(
  ctx: Ctx,
  landing: Landing,
  body: CreateBody,
  facts: RequestRow["facts"],
  { cloudId }: LandingPart,
): RequestRow {
  const now = ctx.clock.now();
  const { organizationId, tenancyId, origin } = landing;
  return {
    id: ctx.ids.next("req"),
    kind: "create",
    organizationId,
    systemId: facts.system.id as SystemId,
    cloudId,
    submittedBy: ctx.actor.accountId ?? (ctx.actor.name as RequestRow["submittedBy"]),
    body,
    facts,
    status: statusOf(landing),
    reason: origin,
    decision: {
      outcome: "allowed",
      violations: [],
      approvers: [],
      decidedAt: now.toISOString(),
      policyDigest: ctx.policies.digest,
    },
    placement: null,
    plan: null,
    planHash: null,
    holdId: null,
    tenancyId,
    operationId: null,
    dueAt: null,
    createdAt: now,
    updatedAt: now,
    generation: 1,
  };
}
