import { z } from "zod";
import { admitGrowth, footprint, poolOf } from "./capacity.ts";
import { chooseImage } from "./images.ts";
import { type InstanceRecord, ObjectName, OwnershipMark } from "./records.ts";
import { Refusal } from "./refusal.ts";
import {
  instanceIn,
  instancesOf,
  type Outcome,
  type Scene,
  setInstance,
  setTenancy,
  tenancyIn,
} from "./scene.ts";

const SIZE = {
  vcpu: z.int().min(1).max(1024),
  memoryGiB: z.int().min(1).max(65_536),
  diskGiB: z.int().min(0).max(1_048_576),
};

export const NewInstance = z.strictObject({
  name: ObjectName,
  ownership: OwnershipMark,
  image: z.string().min(1),
  architecture: z.string().min(1),
  ...SIZE,
});
export type NewInstance = z.infer<typeof NewInstance>;

export const InstancePatch = z.strictObject(SIZE);
export type InstancePatch = z.infer<typeof InstancePatch>;

export function createInstance(
  scene: Scene,
  tenancyName: string,
  input: NewInstance,
  token: string,
): Outcome<InstanceRecord> {
  const tenancy = usableTenancy(scene, tenancyName);
  for (const instance of instancesOf(scene, tenancyName).values()) {
    if (instance.clientToken === token && instance.name !== input.name) {
      throw new Refusal(422, "token_reused", `this client token made ${instance.name}`);
    }
  }
  const existing = instancesOf(scene, tenancyName).get(input.name);
  if (existing !== undefined) {
    if (existing.goneAt !== null) throw new Refusal(409, "removing", `${input.name} is still being removed`);
    if (existing.clientToken !== token) throw new Refusal(409, "name_taken", `${input.name} exists already`);
    return { value: existing, changes: [], created: false };
  }
  const image = chooseImage(scene.cloud.record, input, poolOf(scene.cloud, tenancy.pool).architecture);
  admitGrowth(scene.cloud, tenancy, footprint(input), {});
  const value: InstanceRecord = {
    ...input,
    ref: scene.chance.ref("srv", scene.id, tenancyName, input.name, scene.now),
    tenancy: tenancyName,
    image: image.name,
    clientToken: token,
    failure: null,
    createdAt: scene.now,
    readyAt:
      Math.max(scene.now, tenancy.readyAt) +
      scene.chance.delayMs("instance", scene.id, tenancyName, input.name),
    goneAt: null,
  };
  const counted = { ...tenancy, volumes: tenancy.volumes + 1 };
  return { value, changes: [setInstance(scene, value), setTenancy(scene, counted)], created: true };
}

/** Resizes at once, within quota and pool. */
export function resizeInstance(
  scene: Scene,
  tenancyName: string,
  name: string,
  size: InstancePatch,
): Outcome<InstanceRecord> {
  const tenancy = usableTenancy(scene, tenancyName);
  const before = instanceIn(scene, tenancyName, name);
  if (before.goneAt !== null) throw new Refusal(409, "removing", `${name} is being removed`);
  admitGrowth(scene.cloud, tenancy, footprint(size), footprint(before));
  const value: InstanceRecord = { ...before, ...size };
  return { value, changes: [setInstance(scene, value)], created: false };
}

export function removeInstance(scene: Scene, tenancyName: string, name: string): Outcome<InstanceRecord> {
  const before = instanceIn(scene, tenancyName, name);
  if (before.goneAt !== null) return { value: before, changes: [], created: false };
  const goneAt = scene.now + scene.chance.delayMs("removal", scene.id, tenancyName, name);
  const value: InstanceRecord = { ...before, goneAt };
  return { value, changes: [setInstance(scene, value)], created: false };
}

function usableTenancy(scene: Scene, name: string) {
  const tenancy = tenancyIn(scene, name);
  if (tenancy.goneAt !== null) throw new Refusal(409, "removing", `${name} is being removed`);
  if (tenancy.suspended) throw new Refusal(409, "suspended", `${name} is suspended`);
  return tenancy;
}
