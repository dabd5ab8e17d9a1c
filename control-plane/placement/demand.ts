import {
  amountOf,
  entriesOf,
  growth,
  isEmpty,
  omit,
  pick,
  RESOURCE_CLASSES,
  type ResourceClass,
  type ResourceVector,
  subtract,
  vectorOf,
} from "../kernel/quantity.ts";
import type { RequestFacts } from "../policy/facts.ts";
import type { Zone } from "./snapshot.ts";

/** In the order in which parts are placed, accounted for and printed. */
export const PART_ROLES = ["primary", "edge", "recovery"] as const;
export type PartRole = (typeof PART_ROLES)[number];

export type Amounts = readonly (readonly [ResourceClass, number])[];

/** What has to lie in one pool. */
export interface Part {
  readonly role: PartRole;
  readonly zone: Zone;
  /** What the part will hold in the end. */
  readonly amounts: ResourceVector;
  /** What it holds already; empty for a new one. */
  readonly existing: ResourceVector;
  /** The amounts that differ from what exists: these must be in step. */
  readonly changed: Amounts;
  /** What is needed beyond what exists: this must fit capacity and quota. */
  readonly growth: ResourceVector;
  readonly growthEntries: Amounts;
  /** The request as the policies judge this part: `resources` are those of the part alone. */
  readonly request: RequestFacts;
}

export interface Demand {
  readonly primary: Part;
  readonly edge: Part | null;
  readonly recovery: Part | null;
}

/** From the best shielded to the open one. */
export const ZONES_INNERMOST_FIRST: readonly Zone[] = ["dedicated", "extranet", "internet"];

const EDGE_CLASSES: readonly ResourceClass[] = ["PUBLIC_IPV4", "BANDWIDTH_MBPS"];
const COPIED_CLASSES: readonly ResourceClass[] = ["BLOCK_STORAGE_GIB", "OBJECT_STORAGE_GIB"];
const NOTHING: ResourceVector = {};

function resourcesOf(amounts: ResourceVector): Record<ResourceClass, number> {
  return {
    VCPU: amountOf(amounts, "VCPU"),
    MEMORY_GIB: amountOf(amounts, "MEMORY_GIB"),
    BLOCK_STORAGE_GIB: amountOf(amounts, "BLOCK_STORAGE_GIB"),
    OBJECT_STORAGE_GIB: amountOf(amounts, "OBJECT_STORAGE_GIB"),
    PUBLIC_IPV4: amountOf(amounts, "PUBLIC_IPV4"),
    BANDWIDTH_MBPS: amountOf(amounts, "BANDWIDTH_MBPS"),
    GPU: amountOf(amounts, "GPU"),
  };
}

function sameAmounts(request: RequestFacts, amounts: ResourceVector): boolean {
  return RESOURCE_CLASSES.every((name) => amountOf(request.resources, name) === amountOf(amounts, name));
}

function partOf(role: PartRole, zone: Zone, amounts: ResourceVector, request: RequestFacts): Part {
  return {
    role,
    zone,
    amounts,
    existing: NOTHING,
    changed: entriesOf(amounts),
    growth: amounts,
    growthEntries: entriesOf(amounts),
    request: sameAmounts(request, amounts) ? request : { ...request, resources: resourcesOf(amounts) },
  };
}

/** The innermost of the zones: there the system itself lives. */
export function innermostZone(zones: readonly string[]): Zone {
  const zone = ZONES_INNERMOST_FIRST.find((name) => zones.includes(name));
  if (zone === undefined) throw new RangeError(`no known zone among: ${zones.join(", ")}`);
  return zone;
}

/**
 * Splits a request into parts.
 * - `primary`: everything, in the innermost of the zones.
 * - `edge`: public addresses and bandwidth, where the internet zone is one of several, in the same cloud.
 * - `recovery`: copies of the storage, in the primary's zone of another place, for the classes `remote`
 *   (another cloud in the pair jurisdiction) and `same_city` (another cloud in the city, or another fault
 *   domain of the same cloud). `none` and `local` need no second place.
 */
export function demandOf(request: RequestFacts): Demand {
  const zone = innermostZone(request.network.zones);
  const all = vectorOf(entriesOf(request.resources));
  const exposed = pick(all, EDGE_CLASSES);
  const split = zone !== "internet" && request.network.zones.includes("internet") && !isEmpty(exposed);
  const copied = request.recovery.class === "remote" || request.recovery.class === "same_city";
  return {
    primary: partOf("primary", zone, split ? omit(all, EDGE_CLASSES) : all, request),
    edge: split ? partOf("edge", "internet", exposed, request) : null,
    recovery: copied ? partOf("recovery", zone, pick(all, COPIED_CLASSES), request) : null,
  };
}

/** The parts there are, in the order of their roles. */
export function partsOf(demand: Demand): Part[] {
  return [demand.primary, demand.edge, demand.recovery].filter((part) => part !== null);
}

/** The same part for a tenancy that already holds something in the pool. */
export function onTopOf(part: Part, existing: ResourceVector): Part {
  const difference = subtract(part.amounts, existing);
  const changed = entriesOf(difference)
    .map(([name]) => [name, amountOf(part.amounts, name)] as const)
    .filter(([, amount]) => amount !== 0);
  const needed = growth(difference);
  return { ...part, existing, changed, growth: needed, growthEntries: entriesOf(needed) };
}
