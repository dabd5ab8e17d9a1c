import { dayAfter, daysInclusive } from "../kernel/calendar.ts";
import { amountOf, RESOURCE_CLASSES, type ResourceClass, type ResourceVector } from "../kernel/quantity.ts";
import type { RequestFacts } from "../policy/facts.ts";
import type { CreateBody, ReleaseBody, RenewBody, ResizeBody } from "./wire-body.ts";

/** The body as policies see it: nothing is absent, so that no expression needs a guard. */
export function factsOfCreate(body: CreateBody, systemId: string): RequestFacts {
  const { network, requirements, recovery, capabilities, term } = body;
  return {
    kind: "create",
    tenancyId: "",
    environment: body.environment,
    purpose: body.purpose ?? "",
    projectApprovalNo: body.projectApprovalNo ?? "",
    system: { id: systemId, ...body.system, filingNo: body.system.filingNo ?? "" },
    network,
    requirements: {
      xinchuang: requirements?.xinchuang ?? false,
      architectures: requirements?.architectures ?? [],
      cloudIds: requirements?.cloudIds ?? [],
      forbiddenTraits: requirements?.forbiddenTraits ?? [],
    },
    resources: everyClass(body.resources),
    instances: body.instances ?? [],
    recovery: {
      class: recovery?.class ?? "none",
      rtoMinutes: recovery?.rtoMinutes ?? 0,
      rpoMinutes: recovery?.rpoMinutes ?? 0,
      pairJurisdiction: recovery?.pairJurisdiction ?? "",
    },
    capabilities: { reuse: capabilities?.reuse ?? [], exemptions: capabilities?.exemptions ?? [] },
    term: { ...term, days: daysInclusive(term.start, term.end) },
  };
}

/** A change is judged as the whole that the tenancy will be afterwards. */
export function factsOfResize(granted: RequestFacts, body: ResizeBody): RequestFacts {
  return {
    ...granted,
    kind: "resize",
    tenancyId: body.tenancyId,
    purpose: body.purpose ?? granted.purpose,
    resources: everyClass(body.resources),
    instances: body.instances ?? granted.instances,
  };
}

/** The term of a renewal is the time that is added, so that limits on a term hold for each renewal by itself. */
export function factsOfRenew(granted: RequestFacts, body: RenewBody): RequestFacts {
  const term = { start: dayAfter(granted.term.end), end: body.end };
  return {
    ...granted,
    kind: "renew",
    tenancyId: body.tenancyId,
    purpose: body.purpose ?? granted.purpose,
    term: { ...term, days: daysInclusive(term.start, term.end) },
  };
}

export function factsOfRelease(granted: RequestFacts, { tenancyId }: ReleaseBody): RequestFacts {
  return { ...granted, kind: "release", tenancyId };
}

function everyClass(vector: ResourceVector): Record<ResourceClass, number> {
  const filled = RESOURCE_CLASSES.map((name) => [name, amountOf(vector, name)] as const);
  return Object.fromEntries(filled) as Record<ResourceClass, number>;
}
