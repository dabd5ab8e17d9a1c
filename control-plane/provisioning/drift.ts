import type { InstanceSpec, ObservedInstance, TenancySpec } from "../../providers/port.ts";
import type { DesiredPlacement, ObservedPlacement } from "./desired.ts";

/** One field of one object that is not as it shall be; null where there is nothing. */
export interface FieldDrift {
  /** `tenancy`, or an instance as `instance:app-1`. */
  readonly object: string;
  readonly field: string;
  readonly desired: string | number | boolean | null;
  readonly observed: string | number | boolean | null;
}

/** What differs between wish and cloud, field by field, in a fixed order; states on the way to the wish count as reached. */
export function driftOf(desired: DesiredPlacement, observed: ObservedPlacement | null): FieldDrift[] {
  if (desired.state === "absent") return [];
  const { tenancy, instances } = desired;
  const shown = observed?.tenancy ?? null;
  if (shown === null) return [existence("tenancy", true, false)];
  const byName = new Map(observed?.instances.map((one) => [one.name, one]));
  const wanted = new Set(instances.map(({ name }) => name));
  return [
    ...tenancyDrift(tenancy, shown),
    ...instances.flatMap((spec) => instanceDrift(spec, byName.get(spec.name))),
    ...(observed?.instances ?? [])
      .filter(({ name }) => !wanted.has(name))
      .map(({ name }) => existence(`instance:${name}`, false, true)),
  ];
}

/** True where something that shall be there is gone. */
export function isLoss(drift: readonly FieldDrift[]): boolean {
  return drift.some(({ field, desired }) => field === "exists" && desired === true);
}

function tenancyDrift(spec: TenancySpec, shown: NonNullable<ObservedPlacement["tenancy"]>): FieldDrift[] {
  const classes = [...new Set([...Object.keys(spec.quota), ...Object.keys(shown.quota)])].sort();
  return differing("tenancy", [
    ["state", spec.suspended ? "suspended" : "active", shown.state],
    ["isolated", true, shown.isolated],
    ["accessGroup", spec.accessGroup, shown.accessGroup],
    ...classes.map((name): Pair => [`quota.${name}`, spec.quota[name] ?? 0, shown.quota[name] ?? 0]),
  ]);
}

function instanceDrift(spec: InstanceSpec, shown: ObservedInstance | undefined): FieldDrift[] {
  const object = `instance:${spec.name}`;
  if (shown === undefined) return [existence(object, true, false)];
  return differing(object, [
    ["vcpu", spec.vcpu, shown.vcpu],
    ["memoryGiB", spec.memoryGiB, shown.memoryGiB],
    ["diskGiB", spec.diskGiB, shown.diskGiB],
    ["image", spec.image, shown.image],
    ["state", "well", shown.state === "error" ? "error" : "well"],
  ]);
}

type Pair = [field: string, desired: FieldDrift["desired"], observed: FieldDrift["observed"]];

function differing(object: string, pairs: readonly Pair[]): FieldDrift[] {
  return pairs
    .filter(([, desired, observed]) => desired !== observed)
    .map(([field, desired, observed]) => ({ object, field, desired, observed }));
}

function existence(object: string, desired: boolean, observed: boolean): FieldDrift {
  return { object, field: "exists", desired, observed };
}
