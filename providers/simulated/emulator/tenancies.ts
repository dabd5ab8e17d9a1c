import { z } from "zod";
import { admitQuota, excess, usedByTenancy } from "./capacity.ts";
import { ObjectName, OwnershipMark, Quantities, type TenancyRecord } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { instancesOf, type Outcome, type Scene, setInstance, setTenancy, tenancyIn } from "./scene.ts";

export const NewTenancy = z.strictObject({
  name: ObjectName,
  displayName: z.string().min(1).max(200),
  ownership: OwnershipMark,
  pool: z.string().min(1),
  zone: z.enum(["internet", "extranet", "dedicated"]),
  quota: Quantities,
  accessGroup: z.string().min(1),
  suspended: z.boolean(),
});
export type NewTenancy = z.infer<typeof NewTenancy>;

export const TenancyPatch = z.strictObject({
  displayName: z.string().min(1).max(200).exactOptional(),
  quota: Quantities.exactOptional(),
  accessGroup: z.string().min(1).exactOptional(),
  ingress: z.enum(["deny", "allow"]).exactOptional(),
  suspended: z.boolean().exactOptional(),
});
export type TenancyPatch = z.infer<typeof TenancyPatch>;

/** The same token for the same name answers with the object that the first call made. */
export function createTenancy(scene: Scene, input: NewTenancy, token: string): Outcome<TenancyRecord> {
  for (const tenancy of scene.cloud.tenancies.values()) {
    if (tenancy.clientToken === token && tenancy.name !== input.name) {
      throw new Refusal(422, "token_reused", `this client token made ${tenancy.name}`);
    }
  }
  const existing = scene.cloud.tenancies.get(input.name);
  if (existing !== undefined) {
    if (existing.goneAt !== null) throw new Refusal(409, "removing", `${input.name} is still being removed`);
    if (existing.clientToken !== token) throw new Refusal(409, "name_taken", `${input.name} exists already`);
    return { value: existing, changes: [], created: false };
  }
  admitQuota(scene.cloud, input.pool, input.quota);
  const value: TenancyRecord = {
    ...input,
    ref: scene.chance.ref("prj", scene.id, input.name, scene.now),
    clientToken: token,
    ingress: "deny",
    volumes: 0,
    failure: null,
    createdAt: scene.now,
    readyAt: scene.now + scene.chance.delayMs("tenancy", scene.id, input.name),
    goneAt: null,
  };
  return { value, changes: [setTenancy(scene, value)], created: true };
}

export function changeTenancy(scene: Scene, name: string, patch: TenancyPatch): Outcome<TenancyRecord> {
  const before = tenancyIn(scene, name);
  if (before.goneAt !== null) throw new Refusal(409, "removing", `${name} is being removed`);
  const value: TenancyRecord = { ...before, ...patch };
  if (patch.quota !== undefined) {
    admitQuota(scene.cloud, before.pool, patch.quota);
    const inUse = excess(usedByTenancy(scene.cloud, name), patch.quota);
    if (inUse.length > 0) throw new Refusal(409, "quota_in_use", `${name} uses ${inUse.join(", ")}`);
  }
  return { value, changes: [setTenancy(scene, value)], created: false };
}

/** Marks what bears no mark yet, with the instances inside; a mark that is there is never replaced. */
export function adoptTenancy(scene: Scene, name: string, ownership: OwnershipMark): Outcome<TenancyRecord> {
  const before = tenancyIn(scene, name);
  if (before.goneAt !== null) throw new Refusal(409, "removing", `${name} is being removed`);
  if (before.ownership !== null && !sameMark(before.ownership, ownership)) {
    throw new Refusal(409, "foreign_owner", `${name} belongs to somebody else`);
  }
  const value: TenancyRecord = { ...before, ownership };
  const inside = [...instancesOf(scene, name).values()]
    .filter((instance) => instance.ownership === null)
    .map((instance) => setInstance(scene, { ...instance, ownership }));
  return { value, changes: [setTenancy(scene, value), ...inside], created: false };
}

function sameMark(left: OwnershipMark, right: OwnershipMark): boolean {
  return left.installation === right.installation && left.placementId === right.placementId;
}

/** Everything inside goes with it, at the same moment. */
export function removeTenancy(scene: Scene, name: string): Outcome<TenancyRecord> {
  const before = tenancyIn(scene, name);
  if (before.goneAt !== null) return { value: before, changes: [], created: false };
  const goneAt = scene.now + scene.chance.delayMs("removal", scene.id, name);
  const value: TenancyRecord = { ...before, goneAt };
  const inside = [...instancesOf(scene, name).values()].map((instance) =>
    setInstance(scene, { ...instance, goneAt }),
  );
  return { value, changes: [setTenancy(scene, value), ...inside], created: false };
}
