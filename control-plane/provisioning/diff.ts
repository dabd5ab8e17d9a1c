import type { InstanceSpec, ObservedInstance, ProviderQuantities, TenancySpec } from "../../providers/port.ts";
import type { DesiredPlacement, ObservedPlacement } from "./desired.ts";

/** One call that brings a placement nearer to what is desired; `wait` means that the cloud is still at it. */
export type ProvisioningStep =
  | { readonly action: "ensure-tenancy"; readonly key: string; readonly spec: TenancySpec }
  | { readonly action: "ensure-instance"; readonly key: string; readonly spec: InstanceSpec }
  | { readonly action: "remove-instance"; readonly key: string; readonly name: string }
  | { readonly action: "remove-tenancy"; readonly key: string; readonly name: string }
  | { readonly action: "wait"; readonly key: string; readonly what: string };

/**
 * What is left to do, in order; empty once the cloud shows what is desired. Growth of quota comes before
 * instances and shrinking after them, since clouds refuse a quota below what is in use.
 */
export function diff(desired: DesiredPlacement, observed: ObservedPlacement): ProvisioningStep[] {
  return desired.state === "absent" ? removal(desired.name, observed) : convergence(desired, observed);
}

function convergence(
  desired: Extract<DesiredPlacement, { state: "present" }>,
  { tenancy, instances }: ObservedPlacement,
): ProvisioningStep[] {
  const spec = desired.tenancy;
  if (tenancy === null) return [{ action: "ensure-tenancy", key: "tenancy", spec }];
  if (tenancy.state === "creating" || tenancy.state === "removing") {
    return [{ action: "wait", key: "tenancy", what: tenancy.state }];
  }
  const steps: ProvisioningStep[] = [];
  const enough = largest(spec.quota, tenancy.quota);
  const changes = instanceSteps(desired.instances, instances);
  const settled = changes.length === 0;
  const quota = settled ? spec.quota : enough;
  const same =
    sameQuantities(tenancy.quota, quota) &&
    tenancy.isolated &&
    tenancy.accessGroup === spec.accessGroup &&
    tenancy.state === (spec.suspended ? "suspended" : "active");
  // A suspended tenancy takes no changes, so it is suspended last and resumed first.
  const suspended = settled ? spec.suspended : false;
  if (!same) steps.push({ action: "ensure-tenancy", key: "tenancy", spec: { ...spec, quota, suspended } });
  return [...steps, ...changes];
}

function instanceSteps(
  desired: readonly InstanceSpec[],
  observed: readonly ObservedInstance[],
): ProvisioningStep[] {
  const byName = new Map(observed.map((instance) => [instance.name, instance]));
  const wanted = new Set(desired.map((spec) => spec.name));
  const removals = observed
    // What is not ours was not made by us: it is a finding, not something to delete.
    .filter((instance) => !wanted.has(instance.name) && instance.ownership !== null)
    .map((instance): ProvisioningStep =>
      instance.state === "removing"
        ? { action: "wait", key: keyOf(instance.name), what: "removing" }
        : { action: "remove-instance", key: keyOf(instance.name), name: instance.name },
    );
  const creations = desired.flatMap((spec): ProvisioningStep[] => {
    const instance = byName.get(spec.name);
    if (instance === undefined || !fits(spec, instance) || instance.state === "error") {
      return [{ action: "ensure-instance", key: keyOf(spec.name), spec }];
    }
    if (instance.state === "creating" || instance.state === "removing") {
      return [{ action: "wait", key: keyOf(spec.name), what: instance.state }];
    }
    return [];
  });
  return [...removals, ...creations];
}

function removal(name: string, { tenancy, instances }: ObservedPlacement): ProvisioningStep[] {
  if (tenancy === null) return [];
  if (tenancy.state === "removing") return [{ action: "wait", key: "tenancy", what: "removing" }];
  const left = instances.filter((instance) => instance.state !== "removing");
  const waiting = instances.length > left.length;
  if (left.length > 0) {
    return left.map(({ name: instance }) => ({
      action: "remove-instance",
      key: keyOf(instance),
      name: instance,
    }));
  }
  return waiting
    ? [{ action: "wait", key: "instances", what: "removing" }]
    : [{ action: "remove-tenancy", key: "tenancy", name }];
}

function fits(spec: InstanceSpec, instance: ObservedInstance): boolean {
  return (
    instance.vcpu === spec.vcpu &&
    instance.memoryGiB === spec.memoryGiB &&
    instance.diskGiB === spec.diskGiB &&
    instance.image === spec.image
  );
}

function keyOf(instance: string): string {
  return `instance:${instance}`;
}

function largest(left: ProviderQuantities, right: ProviderQuantities): ProviderQuantities {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return Object.fromEntries([...names].map((name) => [name, Math.max(left[name] ?? 0, right[name] ?? 0)]));
}

function sameQuantities(left: ProviderQuantities, right: ProviderQuantities): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => (left[name] ?? 0) === (right[name] ?? 0));
}
