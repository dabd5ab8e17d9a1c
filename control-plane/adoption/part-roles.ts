import type { ResourceVector } from "../kernel/quantity.ts";
import type { PartRole } from "../placement/demand.ts";

interface Part {
  readonly cloudId: string;
  readonly zone: "internet" | "extranet" | "dedicated";
  readonly amounts: ResourceVector;
  readonly instances: number;
}

/**
 * Which part of a tenancy each of its placements is: marks do not say it, but only the primary computes, the edge lies
 * on its cloud in the internet zone, and what is left is the copy. Null where that leaves two of one kind. Pure.
 */
export function rolesOf(parts: readonly Part[]): readonly PartRole[] | null {
  const weight = ({ instances, amounts }: Part) => instances * 1e9 + (amounts.VCPU ?? 0);
  const primary = parts.toSorted((left, right) => weight(right) - weight(left))[0];
  if (primary === undefined) return null;
  const roles = parts.map((part): PartRole => {
    if (part === primary) return "primary";
    const isEdge =
      part.cloudId === primary.cloudId && part.zone === "internet" && primary.zone !== "internet";
    return isEdge ? "edge" : "recovery";
  });
  return new Set(roles).size === roles.length ? roles : null;
}
