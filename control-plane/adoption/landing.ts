import { poolsOfCloud } from "../clouds/store.ts";
import type { Tx } from "../db/tx.ts";
import {
  type CloudId,
  knownId,
  type OrganizationId,
  type PlacementId,
  type TenancyId,
} from "../kernel/ids.ts";
import { add, type ResourceVector } from "../kernel/quantity.ts";
import { nearestNode } from "../quota/store.ts";
import type { PlannedPart } from "../requests/plan.ts";
import { findOrganization } from "../requests/store.ts";
import type { CreateBody } from "../requests/wire-body.ts";
import type { FoundTenancy } from "./found.ts";
import { NotTaken } from "./not-taken.ts";

/** A tenancy that is to be taken in: whose it is, and where its parts are. */
export interface Landing {
  readonly tenancyId: TenancyId;
  readonly organizationId: OrganizationId;
  readonly system: CreateBody["system"];
  readonly environment: CreateBody["environment"];
  readonly term: { readonly start: string; readonly end: string };
  readonly parts: readonly LandingPart[];
  /** How it came here: for the log, and as the purpose of the request that stands for it. */
  readonly origin: "imported" | "rebuilt";
}

export interface LandingPart extends Omit<PlannedPart, "before"> {
  readonly placementId: PlacementId;
  readonly found: FoundTenancy;
}

export async function requireOrganization(tx: Tx, id: string): Promise<OrganizationId> {
  const organizationId = knownId<OrganizationId>(id);
  if ((await findOrganization(tx, organizationId)) !== undefined) return organizationId;
  throw new NotTaken(`没有机构 ${id}`, `there is no organization ${id}`);
}

/** The pool that something stands in and the quota node that it counts at. @throws NotTaken */
export async function seatOf(tx: Tx, cloudId: CloudId, poolName: string, organizationId: OrganizationId) {
  const pool = (await poolsOfCloud(tx, cloudId)).find(({ id }) => id === poolName);
  if (pool === undefined) {
    throw new NotTaken(`${cloudId} 没有资源池“${poolName}”`, `${cloudId} has no pool "${poolName}"`);
  }
  const quotaNodeId = await nearestNode(tx, cloudId, organizationId);
  if (quotaNodeId === null) {
    throw new NotTaken(
      `${organizationId} 在 ${cloudId} 没有配额节点`,
      `${organizationId} has no quota node on ${cloudId}`,
    );
  }
  return { pool, quotaNodeId };
}

/** What all parts hold, but for copies: those were granted beside it. */
export function resourcesOf(parts: readonly Pick<LandingPart, "role" | "amounts">[]): ResourceVector {
  return parts
    .filter(({ role }) => role !== "recovery")
    .reduce((total, { amounts }) => add(total, amounts), {} as ResourceVector);
}
