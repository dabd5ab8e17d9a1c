import { createHash } from "node:crypto";
import { groupIn } from "./groups.ts";
import { reservationView } from "./instances.ts";
import type { Params } from "./params.ts";
import type { InstanceRecord } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { ACCOUNT, newId, type Scene } from "./scene.ts";
import { subnetIn } from "./subnets.ts";
import { givenTags } from "./tags.ts";
import { TYPES, type TypeRecord } from "./types.ts";
import type { XmlFields } from "./xml.ts";
import { assertRoom } from "./zones.ts";

/** One instance for one call. A token that is known is answered with its instance, whatever became of it. */
export function runInstances(scene: Scene, params: Params): XmlFields {
  const clientToken = params.text("ClientToken") ?? newId("token");
  if (clientToken.length > 64) {
    throw new Refusal("InvalidParameterValue", "ClientToken must be at most 64 ASCII characters long");
  }
  const requestHash = createHash("sha256").update(params.whole).digest("hex");
  const known = [...scene.tables.instance.values()].find((one) => one.clientToken === clientToken);
  if (known !== undefined) {
    if (known.requestHash === requestHash) return reservationView(scene, known);
    const message =
      "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).";
    throw new Refusal("IdempotentParameterMismatch", message);
  }
  return reservationView(scene, launched(scene, params, clientToken, requestHash));
}

function launched(scene: Scene, params: Params, clientToken: string, requestHash: string): InstanceRecord {
  if (params.number("MinCount") !== 1 || params.number("MaxCount") !== 1) {
    throw new Refusal("InvalidParameterValue", "this cloud launches one instance at a time");
  }
  const { imageId, type } = imageAndType(scene, params);
  const subnet = subnetIn(scene, params.required("SubnetId"));
  const groups = params.texts("SecurityGroupId").map((id) => groupIn(scene, id));
  if (groups.some((group) => group.vpcId !== subnet.vpcId)) {
    throw new Refusal("InvalidParameter", "Security group and subnet belong to different networks.");
  }
  const alive = [...scene.tables.instance.values()].filter(({ state }) => state !== "terminated").length;
  if (alive >= scene.cloud.instancesMax) {
    const message = `You have requested more instances (${alive + 1}) than your current instance limit of ${scene.cloud.instancesMax} allows.`;
    throw new Refusal("InstanceLimitExceeded", message);
  }
  const sizeGiB = diskOf(params);
  const memoryGiB = type.memoryMiB / 1024;
  assertRoom(scene, subnet.zone, { VCPU: type.vcpu, MEMORY_GIB: memoryGiB, BLOCK_STORAGE_GIB: sizeGiB });
  const instance: InstanceRecord = {
    id: newId("i"),
    createdAt: scene.now,
    reservation: newId("r"),
    state: "pending",
    changesAt: scene.now + scene.delayMs(),
    type: type.id,
    imageId,
    subnetId: subnet.id,
    groupIds: groups.map((group) => group.id),
    profile: profileIn(params),
    clientToken,
    requestHash,
    tags: givenTags(params, "instance"),
  };
  scene.put("instance", instance.id, instance);
  const id = newId("vol");
  scene.put("volume", id, {
    id,
    createdAt: scene.now,
    sizeGiB,
    zone: subnet.zone,
    instanceId: instance.id,
    device: "/dev/sda1",
    deleteOnTermination: true,
    tags: givenTags(params, "volume"),
  });
  return instance;
}

function imageAndType(scene: Scene, params: Params): { imageId: string; type: TypeRecord } {
  const imageId = params.required("ImageId");
  const image = scene.cloud.images.find(({ id }) => id === imageId);
  if (image === undefined) {
    throw new Refusal("InvalidAMIID.NotFound", `The image id '[${imageId}]' does not exist`);
  }
  const name = params.text("InstanceType") ?? "";
  const type = TYPES.get(name);
  if (type === undefined) {
    throw new Refusal("InvalidParameterValue", `Invalid value '${name}' for InstanceType.`);
  }
  if (type.architecture !== image.architecture) {
    const message = `The architecture '${type.architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI.`;
    throw new Refusal("InvalidParameterValue", message);
  }
  return { imageId, type };
}

function diskOf(params: Params): number {
  const [mapping] = params.parts("BlockDeviceMapping");
  const size = mapping?.number("Ebs.VolumeSize") ?? 10;
  if (size >= 1 && size <= 65_536) return size;
  throw new Refusal(
    "InvalidParameterValue",
    `Volume of ${size}GiB is not valid; it must be from 1GiB to 65536GiB`,
  );
}

function profileIn(params: Params): string | null {
  const name = params.text("IamInstanceProfile.Name");
  const arn = name === undefined ? undefined : `arn:aws:iam::${ACCOUNT}:instance-profile/${name}`;
  return params.text("IamInstanceProfile.Arn") ?? arn ?? null;
}
