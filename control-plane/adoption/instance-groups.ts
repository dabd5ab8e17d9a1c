import type { ObservedInstance } from "../../providers/port.ts";
import type { InstanceGroup } from "../requests/wire-body.ts";

export interface FoundGroups {
  readonly groups: readonly InstanceGroup[];
  /** What the instances of each group are called at the cloud. */
  readonly names: Readonly<Record<string, readonly string[]>>;
}

/** Instances as groups of equal ones: `app-1` and `app-2` are two of `app`, and any other name stands alone. */
export function groupsOf(instances: readonly ObservedInstance[]): FoundGroups {
  const members = new Map<string, ObservedInstance[]>();
  for (const instance of instances.toSorted(byNumber)) {
    const { vcpu, memoryGiB, diskGiB, image } = instance;
    const key = JSON.stringify([baseOf(instance.name), vcpu, memoryGiB, diskGiB, image]);
    members.set(key, [...(members.get(key) ?? []), instance]);
  }
  const groups: InstanceGroup[] = [];
  const names: Record<string, string[]> = {};
  for (const equal of members.values()) {
    const [first] = equal;
    if (first === undefined) continue;
    const { vcpu, memoryGiB, diskGiB, image } = first;
    const name = freeName(wordOf(baseOf(first.name)), names);
    groups.push({ name, count: equal.length, vcpu, memoryGiB, diskGiB, image });
    names[name] = equal.map((one) => one.name);
  }
  return { groups, names };
}

function baseOf(name: string): string {
  return name.replace(/-\d+$/, "");
}

/** `app-10` comes after `app-9`. */
function byNumber(left: ObservedInstance, right: ObservedInstance): number {
  return left.name.localeCompare(right.name, "en", { numeric: true });
}

/** What a request may call a group. */
function wordOf(name: string): string {
  const word = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "");
  return word.slice(0, 27).replace(/-+$/, "") || "instance";
}

function freeName(word: string, taken: Readonly<Record<string, unknown>>): string {
  if (!Object.hasOwn(taken, word)) return word;
  for (let number = 2; ; number += 1) {
    const name = `${word}-${number}`;
    if (!Object.hasOwn(taken, name)) return name;
  }
}
