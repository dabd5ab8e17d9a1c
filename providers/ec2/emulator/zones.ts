import type { InstanceRecord } from "./records.ts";
import { Refusal } from "./refusal.ts";
import type { Scene } from "./scene.ts";
import { TYPES } from "./types.ts";

type Quantities = Readonly<Record<string, number>>;

/** Refuses what the zone's hosts no longer hold; a stopped instance keeps its place here. */
export function assertRoom(scene: Scene, zone: string, wanted: Quantities): void {
  const total: Quantities = scene.cloud.zones.find(({ name }) => name === zone)?.total ?? {};
  const used = usedIn(scene, zone);
  for (const [name, amount] of Object.entries(wanted)) {
    const limit = total[name];
    if (limit === undefined || amount <= 0 || (used[name] ?? 0) + amount <= limit) continue;
    const message = `We currently do not have sufficient capacity in the Availability Zone you requested (${zone}).`;
    throw new Refusal("InsufficientInstanceCapacity", message, 500);
  }
}

function usedIn(scene: Scene, zone: string): Quantities {
  const volumes = [...scene.tables.volume.values()].filter((volume) => volume.zone === zone);
  const alive = [...scene.tables.instance.values()].filter(
    (instance) => instance.state !== "terminated" && zoneOf(scene, instance) === zone,
  );
  const sum = (of: (instance: InstanceRecord) => number) =>
    alive.reduce((total, instance) => total + of(instance), 0);
  return {
    VCPU: sum(({ type }) => TYPES.get(type)?.vcpu ?? 0),
    MEMORY_GIB: sum(({ type }) => (TYPES.get(type)?.memoryMiB ?? 0) / 1024),
    BLOCK_STORAGE_GIB: volumes.reduce((total, volume) => total + volume.sizeGiB, 0),
  };
}

export function zoneOf(scene: Scene, instance: InstanceRecord): string {
  return scene.tables.subnet.get(instance.subnetId)?.zone ?? "";
}
