import { filtered } from "./filters.ts";
import { pageOf } from "./pages.ts";
import type { Params } from "./params.ts";
import type { InstanceRecord, InstanceState } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { ACCOUNT, type Scene, visible } from "./scene.ts";
import { tagSet } from "./tags.ts";
import { TYPES } from "./types.ts";
import type { Xml, XmlFields } from "./xml.ts";

const CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

/** Where a state leads by itself. */
const NEXT: Readonly<Partial<Record<InstanceState, InstanceState>>> = {
  pending: "running",
  stopping: "stopped",
  "shutting-down": "terminated",
};

/** How long what is terminated is still shown. */
const SHOWN_MS = 3_600_000;

/** Brings every instance to the state that it has by now. Called before each action. */
export function passTime(scene: Scene): void {
  for (const instance of scene.tables.instance.values()) {
    const { state, changesAt } = instance;
    if (changesAt === null || changesAt > scene.now) continue;
    const next = NEXT[state];
    if (state === "terminated") scene.put("instance", instance.id, null);
    else if (next === "terminated") terminated(scene, instance);
    else if (next !== undefined)
      scene.put("instance", instance.id, { ...instance, state: next, changesAt: null });
  }
}

function terminated(scene: Scene, instance: InstanceRecord): void {
  for (const volume of scene.tables.volume.values()) {
    if (volume.instanceId !== instance.id) continue;
    scene.put("volume", volume.id, volume.deleteOnTermination ? null : { ...volume, instanceId: null });
  }
  scene.put("instance", instance.id, { ...instance, state: "terminated", changesAt: scene.now + SHOWN_MS });
}

export function describeInstances(scene: Scene, params: Params): XmlFields {
  const ids = params.texts("InstanceId");
  for (const id of ids) instanceIn(scene, id);
  const named = visible(scene, scene.tables.instance).filter(
    ({ id }) => ids.length === 0 || ids.includes(id),
  );
  const found = filtered(named, params, (instance, filter) => {
    if (filter === "instance-id") return [instance.id];
    if (filter === "instance-state-name") return [instance.state];
    if (filter === "instance-type") return [instance.type];
    if (filter === "client-token") return [instance.clientToken];
    if (filter === "subnet-id") return [instance.subnetId];
    return filter === "vpc-id" ? [vpcOf(scene, instance)] : undefined;
  });
  const page = pageOf(found, params);
  return {
    reservationSet: page.rows.map((instance) => reservationView(scene, instance)),
    nextToken: page.nextToken,
  };
}

export function instanceIn(scene: Scene, id: string): InstanceRecord {
  const instance = scene.tables.instance.get(id);
  if (instance !== undefined) return instance;
  throw new Refusal("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
}

/** What is terminated has left its network. */
function vpcOf(scene: Scene, instance: InstanceRecord): string {
  if (instance.state === "terminated") return "";
  return scene.tables.subnet.get(instance.subnetId)?.vpcId ?? "";
}

export function stateView(state: InstanceState): Xml {
  return { code: CODES[state], name: state };
}

export function reservationView(scene: Scene, instance: InstanceRecord): XmlFields {
  return {
    reservationId: instance.reservation,
    ownerId: ACCOUNT,
    groupSet: [],
    instancesSet: [instanceView(scene, instance)],
  };
}

function instanceView(scene: Scene, instance: InstanceRecord): Xml {
  const subnet = scene.tables.subnet.get(instance.subnetId);
  const volumes = [...scene.tables.volume.values()].filter(({ instanceId }) => instanceId === instance.id);
  const type = TYPES.get(instance.type);
  const present = instance.state !== "terminated";
  return {
    instanceId: instance.id,
    imageId: instance.imageId,
    instanceState: stateView(instance.state),
    privateDnsName: "",
    clientToken: instance.clientToken,
    amiLaunchIndex: 0,
    instanceType: instance.type,
    launchTime: new Date(instance.createdAt).toISOString(),
    placement: { availabilityZone: subnet?.zone, tenancy: "default" },
    monitoring: { state: "disabled" },
    ...(present ? { subnetId: instance.subnetId, vpcId: subnet?.vpcId } : {}),
    architecture: type?.architecture,
    rootDeviceType: "ebs",
    rootDeviceName: "/dev/sda1",
    blockDeviceMapping: volumes.map((volume) => ({
      deviceName: volume.device,
      ebs: {
        volumeId: volume.id,
        status: "attached",
        attachTime: new Date(volume.createdAt).toISOString(),
        deleteOnTermination: volume.deleteOnTermination,
      },
    })),
    ...(instance.profile === null ? {} : { iamInstanceProfile: { arn: instance.profile } }),
    groupSet: present ? groupsView(scene, instance) : [],
    cpuOptions: { coreCount: type?.vcpu, threadsPerCore: 1 },
    tagSet: tagSet(instance.tags),
  };
}

function groupsView(scene: Scene, { groupIds }: InstanceRecord): Xml {
  return groupIds.map((groupId) => ({ groupId, groupName: scene.tables.group.get(groupId)?.name }));
}
