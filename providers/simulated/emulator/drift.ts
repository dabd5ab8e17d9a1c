import { z } from "zod";
import { poolOf } from "./capacity.ts";
import type { Change } from "./changes.ts";
import { ObjectName, OwnershipMark, Quantities, type TenancyRecord } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { instanceIn, type Outcome, type Scene, setInstance, setTenancy, tenancyIn } from "./scene.ts";

/** What somebody with access to the cloud's own console does behind the control plane's back. */

export const TenancyDrift = z.strictObject({
  quota: Quantities.exactOptional(),
  ingress: z.enum(["deny", "allow"]).exactOptional(),
  accessGroup: z.string().nullable().exactOptional(),
  suspended: z.boolean().exactOptional(),
  failure: z.string().nullable().exactOptional(),
});

export const InstanceDrift = z.strictObject({
  vcpu: z.int().min(1).exactOptional(),
  memoryGiB: z.int().min(1).exactOptional(),
  failure: z.string().nullable().exactOptional(),
});

export const ForeignTenancy = z.strictObject({
  name: ObjectName,
  pool: z.string(),
  quota: Quantities.default({}),
  ownership: OwnershipMark.nullable().default(null),
  zone: z.enum(["internet", "extranet", "dedicated"]).default("extranet"),
});

export function driftTenancy(
  scene: Scene,
  name: string,
  drift: z.output<typeof TenancyDrift>,
): Outcome<TenancyRecord> {
  const before = tenancyIn(scene, name);
  const value = { ...before, ...drift };
  return { value, changes: [setTenancy(scene, value)], created: false };
}

export function driftInstance(
  scene: Scene,
  tenancy: string,
  name: string,
  drift: z.output<typeof InstanceDrift>,
): Change[] {
  return [setInstance(scene, { ...instanceIn(scene, tenancy, name), ...drift })];
}

/** Gone at once, without a wipe receipt. */
export function destroyTenancy(scene: Scene, name: string): Change[] {
  return [{ table: "tenancy", cloud: scene.id, tenancy: tenancyIn(scene, name).name, value: null }];
}

export function destroyInstance(scene: Scene, tenancy: string, name: string): Change[] {
  instanceIn(scene, tenancy, name);
  return [{ table: "instance", cloud: scene.id, tenancy, instance: name, value: null }];
}

/** A tenancy that no control plane asked for, or that another installation owns. */
export function foreignTenancy(scene: Scene, input: z.output<typeof ForeignTenancy>): Outcome<TenancyRecord> {
  if (scene.cloud.tenancies.has(input.name))
    throw new Refusal(409, "name_taken", `${input.name} exists already`);
  poolOf(scene.cloud, input.pool);
  const value: TenancyRecord = {
    ...input,
    ref: scene.chance.ref("prj", scene.id, input.name, scene.now),
    displayName: input.name,
    clientToken: null,
    accessGroup: null,
    ingress: "allow",
    suspended: false,
    volumes: 0,
    failure: null,
    createdAt: scene.now,
    readyAt: scene.now,
    goneAt: null,
  };
  return { value, changes: [setTenancy(scene, value)], created: true };
}
