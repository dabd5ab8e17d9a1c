import { covers } from "../authz/scope.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { type Fault, fault } from "../kernel/fault.ts";
import { knownId, type OrganizationId, type SystemId } from "../kernel/ids.ts";
import type { ExistingPart } from "../placement/place-in-place.ts";
import type { RequestFacts } from "../policy/facts.ts";
import {
  claimedBy,
  getInScope as getTenancyInScope,
  placementsOf,
  type TenancyRow,
} from "../tenancies/store.ts";
import type { Question } from "./decide.ts";
import { factsOfCreate, factsOfRelease, factsOfRenew, factsOfResize } from "./facts.ts";
import { findOrganization, findSystem, type OrganizationRow, type SystemRow } from "./store.ts";
import {
  type CreateBody,
  instancesFit,
  type ReleaseBody,
  type RenewBody,
  type ResizeBody,
  type TenancyRequestBody,
} from "./wire-body.ts";

/** What a body asks, with everything looked up that the decision needs. */
export interface Asked {
  readonly question: Question;
  readonly systemId: SystemId;
  /** Null where the request names a system that is not registered yet. */
  readonly knownSystem: boolean;
  readonly tenancy: TenancyRow | null;
}

export async function ask(tx: Tx, ctx: Ctx, body: TenancyRequestBody): Promise<Asked> {
  return "tenancyId" in body ? askChange(tx, ctx, body) : askCreate(tx, ctx, body);
}

async function askCreate(tx: Tx, ctx: Ctx, body: CreateBody): Promise<Asked> {
  const organizationId = knownId<OrganizationId>(body.organizationId);
  const organization = await findOrganization(tx, organizationId);
  return questionOf(ctx, body, organization, await findSystem(tx, organizationId, body.system.name));
}

/** What a body that asks for a new tenancy asks, given what is on record of its organization and system. */
export function questionOf(
  ctx: Pick<Ctx, "scope" | "clock" | "ids">,
  body: CreateBody,
  organization: OrganizationRow | undefined,
  system: SystemRow | undefined,
): Asked {
  const organizationId = knownId<OrganizationId>(body.organizationId);
  if (organization === undefined) throw fault("organization.unknown", { organizationId });
  // Organizations are known to everybody, so this is a refusal and not a 404.
  if (!covers(ctx.scope, { organizationPath: organization.path }))
    throw fault("auth.forbidden", { organizationId });
  assertNotOver(ctx, body.term.end, "term.end");
  if (system !== undefined) assertSameSystem(system, body.system);
  const systemId = system?.id ?? ctx.ids.next("sys");
  const facts = factsOfCreate(body, systemId);
  const question = { organizationId, facts, tenancyId: null, existing: null, ownHold: [], dataExport: null };
  return { question, systemId, knownSystem: system !== undefined, tenancy: null };
}

/** A level that was filed may not be talked down in a request. */
function assertSameSystem(
  registered: { mlpsLevel: number; dataClass: string; name: string },
  stated: CreateBody["system"],
): void {
  const differs = (["mlpsLevel", "dataClass"] as const).filter(
    (field) => registered[field] !== stated[field],
  );
  if (differs.length === 0) return;
  const values = differs.map((field) => ({ field, registered: registered[field], stated: stated[field] }));
  throw fault("system.mismatch", { name: registered.name, differences: values });
}

async function askChange(tx: Tx, ctx: Ctx, body: ResizeBody | RenewBody | ReleaseBody): Promise<Asked> {
  const tenancy = await getTenancyInScope(tx, ctx.scope, body.tenancyId);
  const existing = await existingParts(tx, tenancy);
  const question: Question = {
    organizationId: tenancy.organizationId,
    facts: changedFacts(ctx, tenancy, body),
    tenancyId: tenancy.id,
    existing,
    ownHold: [],
    dataExport: body.kind === "release" ? body.dataExport : null,
  };
  return { question, systemId: tenancy.systemId, knownSystem: true, tenancy };
}

function changedFacts(ctx: Ctx, tenancy: TenancyRow, body: ResizeBody | RenewBody | ReleaseBody) {
  const granted = tenancy.granted.facts;
  switch (body.kind) {
    case "resize": {
      const facts = factsOfResize(granted, body);
      assertFeasible(granted, facts);
      return facts;
    }
    case "renew":
      if (body.end <= tenancy.termEnd) {
        throw invalid("end", `must be after ${tenancy.termEnd}, when the term ends now`);
      }
      assertNotOver(ctx, body.end, "end");
      return factsOfRenew(granted, body);
    case "release":
      return factsOfRelease(granted);
  }
}

/** What is known to fail at the clouds is refused before anybody approves it. */
function assertFeasible(granted: RequestFacts, wanted: RequestFacts): void {
  // A resize that names no instances keeps those there are, and they have to fit as well.
  if (!instancesFit(wanted)) throw invalid("instances", "need more than the resources asked for");
  const images = new Map(granted.instances.map(({ name, image }) => [name, image]));
  const rebuilt = wanted.instances.find(({ name, image }) => (images.get(name) ?? image) !== image);
  if (rebuilt !== undefined) {
    throw invalid("instances", `${rebuilt.name}: another image needs a group of another name`);
  }
}

function assertNotOver(ctx: Pick<Ctx, "clock">, end: string, path: string): void {
  const today = chinaDate(ctx.clock.now());
  if (end < today) throw invalid(path, `is over already: today is ${today}`);
}

function invalid(path: string, message: string): Fault {
  return fault("http.invalid_input", { issues: [{ path, message }] });
}

async function existingParts(tx: Tx, tenancy: TenancyRow): Promise<ExistingPart[]> {
  const claimed = await claimedBy(tx, tenancy.id);
  const placements = await placementsOf(tx, tenancy.id);
  return placements.map(({ id, role, cloudId, poolId, quotaNodeId }) => ({
    ...(role === "primary" ? { instances: tenancy.granted.facts.instances } : {}),
    role,
    cloudId,
    poolId,
    quotaNodeId,
    amounts: claimed.get(id) ?? {},
  }));
}
