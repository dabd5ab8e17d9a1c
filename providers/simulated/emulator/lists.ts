import type { Treatment } from "../../emulation/script.ts";
import type { InstanceRecord, TenancyRecord } from "./records.ts";
import { instancesOf, type Scene } from "./scene.ts";

type ListTreatment = Pick<Treatment, "lagMs" | "partial">;

/** What a list shows: lagging lists miss the newest and still show what has gone. */
export function visibleTenancies(scene: Scene, treatment: ListTreatment): TenancyRecord[] {
  const asOf = scene.now - treatment.lagMs;
  const present = [...scene.cloud.tenancies.values()];
  if (treatment.lagMs === 0) return perhapsPartial(present, treatment);
  const names = new Set(present.map((tenancy) => tenancy.name));
  const departed = scene.cloud.departed.filter(
    (tenancy) => (tenancy.goneAt ?? 0) > asOf && !names.has(tenancy.name),
  );
  return perhapsPartial(
    [...present, ...departed].filter((tenancy) => tenancy.createdAt <= asOf),
    treatment,
  );
}

export function visibleInstances(scene: Scene, tenancy: string, treatment: ListTreatment): InstanceRecord[] {
  const asOf = scene.now - treatment.lagMs;
  const present = [...instancesOf(scene, tenancy).values()];
  return perhapsPartial(
    present.filter((instance) => treatment.lagMs === 0 || instance.createdAt <= asOf),
    treatment,
  );
}

function perhapsPartial<Item>(items: Item[], treatment: ListTreatment): Item[] {
  return treatment.partial ? items.filter((_, index) => index % 2 === 0) : items;
}
