import type { V1Container, V1PodSpec } from "@kubernetes/client-node";
import { nanosOf, sumOf } from "./quantity.ts";

interface Pod {
  readonly spec?: V1PodSpec;
  readonly status?: { readonly phase?: string };
}

/** What a pod holds of its node, as the scheduler counts it, in billionths. */
export function heldBy({ spec }: Pod, resource: string): bigint {
  const of = (container: V1Container) => container.resources?.requests?.[resource];
  const running = sumOf((spec?.containers ?? []).map(of));
  // They run one after another, before the others: the largest counts.
  let held = running;
  // They run one after another, before the others: the largest counts.
  for (const container of spec?.initContainers ?? []) {
    const starting = nanosOf(of(container) ?? "0");
    if (starting > held) held = starting;
  }
  return held + nanosOf(spec?.overhead?.[resource] ?? "0");
}

/** A pod that has ended holds nothing any more. */
export function isLive({ status }: Pod): boolean {
  return status?.phase !== "Succeeded" && status?.phase !== "Failed";
}
