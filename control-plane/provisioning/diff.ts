import type {
  InstanceSpec,
  ObservedInstance,
  Ownership,
  ProviderQuantities,
  TenancySpec,
} from "../../providers/port.ts";
import type { DesiredPlacement, ObservedPlacement, PresentPlacement } from "./desired.ts";

/** One call that brings a placement nearer to what is desired; `wait` means that the cloud is still at it. */
export type ProvisioningStep =
  | { readonly action: "ensure-tenancy"; readonly key: string; readonly spec: TenancySpec }
  | { readonly action: "adopt-tenancy"; readonly key: string; readonly ownership: Ownership }
  | { readonly action: "ensure-instance"; readonly key: string; readonly spec: InstanceSpec }
  | { readonly action: "remove-instance"; readonly key: string; readonly name: string }
  | { readonly action: "remove-tenancy"; readonly key: string; readonly name: string }
  | { readonly action: "wait"; readonly key: string; readonly what: string };

/**
 * What is left to do, in order; empty once the cloud shows what is desired. Growth of quota comes before
 * instances and shrinking after them, since clouds refuse a quota below what is in use.
 */
export function diff(desired: DesiredPlacement, observed: ObservedPlacement): ProvisioningStep[] {
  if (desired.state === "absent") return removal(desired.name, observed);
  return desired.found ? adoption(desired, observed) : convergence(desired, observed);
}

/** What was found is marked as ours with everything in it that is wanted, and otherwise left as it is. */
function adoption(desired: PresentPlacement, { tenancy, instances }: ObservedPlacement): ProvisioningStep[] {
  const { ownership } = desired.tenancy;
  const wanted = new Set(desired.instances.map(({ name }) => name));
  const unmarked = instances.some((one) => one.ownership === null && wanted.has(one.name));
  if (tenancy === null || !(tenancy.ownership === null || unmarked)) return [];
  return [{ action: "adopt-tenancy", key: "tenancy", ownership }];
}

function convergence(
  desired: PresentPlacement,
  { tenancy, instances }: ObservedPlacement,
): ProvisioningStep[] {
  const spec = desired.tenancy;
  if (tenancy === null) return [{ action: "ensure-tenancy", key: "tenancy", spec }];
  if (tenancy.state === "creating" || tenancy.state === "removing") {
    return [{ action: "wait", key: "tenancy", what: tenancy.state }];
  }
  const steps: ProvisioningStep[] = [];
  const enough = largest(largest(spec.quota, tenancy.quota), usedBy(instances));
  const changes = instanceSteps(desired.instances, instances, spec.ownership);
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

/** What frees room comes first: clouds count an instance against the quota until it is gone or smaller. */
function instanceSteps(
  desired: readonly InstanceSpec[],
  observed: readonly ObservedInstance[],
  owner: Ownership,
): ProvisioningStep[] {
  const byName = new Map(observed.map((instance) => [instance.name, instance]));
  const wanted = new Set(desired.map((spec) => spec.name));
  const removals = observed
    // What is not ours was not made by us: it is a finding, not something to delete.
    .filter((instance) => !wanted.has(instance.name) && isOwn(instance, owner))
    .map(
      (instance): ProvisioningStep =>
        instance.state === "removing"
          ? { action: "wait", key: keyOf(instance.name), what: "removing" }
          : { action: "remove-instance", key: keyOf(instance.name), name: instance.name },
    );
  const freeing = desired.flatMap((spec) => freeingStep(spec, byName.get(spec.name), owner));
  const others = desired
    .filter((spec) => !freeing.some((step) => step.key === keyOf(spec.name)))
    .flatMap((spec) => creatingStep(spec, byName.get(spec.name), owner));
  if (removals.length + freeing.length === 0) return others;
  const waiting = others.map(({ key }): ProvisioningStep => ({ action: "wait", key, what: "room" }));
  return [...removals, ...freeing, ...waiting];
}

function freeingStep(
  spec: InstanceSpec,
  instance: ObservedInstance | undefined,
  owner: Ownership,
): ProvisioningStep[] {
  if (instance === undefined || !isOwn(instance, owner)) return [];
  const key = keyOf(spec.name);
  if (instance.state === "removing") return [{ action: "wait", key, what: "removing" }];
  const vcpu = Math.min(spec.vcpu, instance.vcpu);
  const memoryGiB = Math.min(spec.memoryGiB, instance.memoryGiB);
  const diskGiB = Math.min(spec.diskGiB, instance.diskGiB);
  const smaller = vcpu < instance.vcpu || memoryGiB < instance.memoryGiB || diskGiB < instance.diskGiB;
  if (!smaller) return [];
  if (instance.state === "creating") return [{ action: "wait", key, what: "creating" }];
  return [{ action: "ensure-instance", key, spec: { ...spec, vcpu, memoryGiB, diskGiB } }];
}

function creatingStep(
  spec: InstanceSpec,
  instance: ObservedInstance | undefined,
  owner: Ownership,
): ProvisioningStep[] {
  const key = keyOf(spec.name);
  if (instance?.state === "creating") return [{ action: "wait", key, what: "creating" }];
  const well =
    instance !== undefined &&
    isOwn(instance, owner) &&
    fits(spec, instance) &&
    instance.state !== "error" &&
    instance.state !== "pending";
  // Where the name is taken by somebody else, asking for it makes the cloud's conflict visible.
  return well ? [] : [{ action: "ensure-instance", key, spec }];
}

function removal(name: string, { tenancy, instances }: ObservedPlacement): ProvisioningStep[] {
  if (tenancy === null) return [];
  if (tenancy.state === "removing") return [{ action: "wait", key: "tenancy", what: "removing" }];
  const { ownership } = tenancy;
  // Others' objects inside go with the tenancy at last, but nobody picks them out one by one.
  const own = instances.filter((instance) => ownership !== null && isOwn(instance, ownership));
  const left = own.filter((instance) => instance.state !== "removing");
  const waiting = own.length > left.length;
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

type Owner = Pick<Ownership, "installation" | "placementId">;

/** Made by this installation for this very placement. */
export function isOwn(object: { readonly ownership: Ownership | null }, owner: Owner): boolean {
  const { ownership } = object;
  return ownership?.installation === owner.installation && ownership.placementId === owner.placementId;
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

function usedBy(instances: readonly ObservedInstance[]): ProviderQuantities {
  const sum = (size: (instance: ObservedInstance) => number) =>
    instances.reduce((total, instance) => total + size(instance), 0);
  return {
    VCPU: sum(({ vcpu }) => vcpu),
    MEMORY_GIB: sum(({ memoryGiB }) => memoryGiB),
    BLOCK_STORAGE_GIB: sum(({ diskGiB }) => diskGiB),
  };
}

function largest(left: ProviderQuantities, right: ProviderQuantities): ProviderQuantities {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return Object.fromEntries([...names].map((name) => [name, Math.max(left[name] ?? 0, right[name] ?? 0)]));
}

function sameQuantities(left: ProviderQuantities, right: ProviderQuantities): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => (left[name] ?? 0) === (right[name] ?? 0));
}
