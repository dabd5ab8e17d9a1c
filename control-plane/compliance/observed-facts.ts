import type { ObservedInstance } from "../../providers/port.ts";
import { amountOf, RESOURCE_CLASSES, type ResourceClass } from "../kernel/quantity.ts";
import type { PlacementFacts, RequestFacts, ResourceFacts } from "../policy/facts.ts";
import type { ObservedPlacement } from "../provisioning/desired.ts";
import { factsNow, type JudgedTenancy, type Part, type Topology } from "../reports/facts-now.ts";

/** A part of a tenancy with what its cloud has shown of it; null where it has not been looked at yet. */
export interface ObservedPart extends Part {
  readonly observed: ObservedPlacement | null;
}

/**
 * What policies see of a part as it really is: the pool, the zone, the quota and the machines are those that the
 * cloud shows. What no cloud can show, such as the system's grade and the term, comes from the registers.
 */
export function observedFacts(
  topology: Topology,
  today: string,
  tenancy: JudgedTenancy,
  part: ObservedPart,
): PlacementFacts {
  const shown = part.observed?.tenancy ?? null;
  if (shown === null) return factsNow(topology, today, tenancy, part);
  // A pool that nobody has registered has no facts of its own; it is judged by the one it was put into.
  const poolId = topology.pools.get(shown.pool)?.cloudId === part.cloudId ? shown.pool : part.poolId;
  const amounts = Object.fromEntries(
    RESOURCE_CLASSES.map((name) => [name, shown.quota[name] ?? amountOf(part.amounts, name)]),
  );
  const facts = factsNow(topology, today, tenancy, { ...part, poolId, amounts });
  const { request } = facts;
  return { ...facts, request: { ...request, ...runningOn(request, shown.zone, part) } };
}

function runningOn(
  { network, instances }: RequestFacts,
  zone: string | null,
  { role, observed }: ObservedPart,
): Pick<RequestFacts, "network" | "instances"> {
  // The zones of the other parts are theirs: each part is judged by where it lies itself.
  const zones = zone === null || role !== "primary" ? network.zones : [zone];
  return {
    network: { ...network, zones },
    instances: role === "primary" ? (observed?.instances.map(asGroup) ?? instances) : instances,
  };
}

function asGroup({ name, vcpu, memoryGiB, diskGiB, image }: ObservedInstance) {
  return { name, count: 1, vcpu, memoryGiB, diskGiB, image };
}

/** The part itself as a thing at its cloud. */
export function partFacts(
  part: ObservedPart,
  granted: Readonly<Record<ResourceClass, number>>,
): ResourceFacts {
  const shown = part.observed?.tenancy ?? null;
  const within = RESOURCE_CLASSES.every(
    (name) => (shown?.quota[name] ?? 0) <= Math.max(granted[name], amountOf(part.amounts, name)),
  );
  return {
    kind: "tenancy",
    name: shown?.name ?? "",
    state: shown?.state ?? "absent",
    isolated: shown?.isolated ?? false,
    zone: shown?.zone ?? "",
    marked: shown?.ownership != null,
    withinGrant: within,
    accessGroup: shown?.accessGroup ?? "",
    image: "",
    vcpu: 0,
    memoryGiB: 0,
    diskGiB: 0,
  };
}

export function instanceFacts(instance: ObservedInstance, part: ObservedPart): ResourceFacts {
  const { name, state, image, vcpu, memoryGiB, diskGiB } = instance;
  const shown = part.observed?.tenancy ?? null;
  return {
    kind: "instance",
    name,
    state,
    isolated: shown?.isolated ?? false,
    zone: shown?.zone ?? "",
    marked: instance.ownership !== null,
    withinGrant: true,
    accessGroup: shown?.accessGroup ?? "",
    image,
    vcpu,
    memoryGiB,
    diskGiB,
  };
}
