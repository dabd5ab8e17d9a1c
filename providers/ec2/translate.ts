import type { Image, Instance, SecurityGroup, Subnet, Volume, Vpc } from "@aws-sdk/client-ec2";
import type { ObservedInstance, ObservedTenancy, ProviderImage, ProviderNetwork } from "../port.ts";
import { unreadable } from "../wire-faults.ts";
import { admitsStrangers } from "./isolation.ts";
import type { Size } from "./sizes.ts";
import { ownershipIn, quotaIn, TAG, type Tags, tagsOf } from "./tags.ts";

const MIB_PER_GIB = 1_024;

/** Rounded up: what is counted must never be less than what is there. */
export function gibOf(mebibytes: number): number {
  return Math.ceil(mebibytes / MIB_PER_GIB);
}

export function mibOf(gibibytes: number): number {
  return gibibytes * MIB_PER_GIB;
}

/** The API marks every field as absent at will; what the adapter cannot do without has to be there. */
export function required<Value>(value: Value | undefined | null, what: string): Value {
  if (value === undefined || value === null) throw unreadable(`${what} is missing`);
  return value;
}

/** What a tenancy consists of at the cloud. */
export interface Site {
  readonly vpc: Vpc;
  readonly subnets: readonly Subnet[];
  readonly groups: readonly SecurityGroup[];
}

function nameOf(tags: Tags, ref: string): string {
  return tags[TAG.name] || ref;
}

export function toTenancy(site: Site): ObservedTenancy {
  const { vpc, groups } = site;
  const ref = required(vpc.VpcId, "VpcId");
  const tags = tagsOf(vpc.Tags);
  const ownership = ownershipIn(tags);
  const gap = ownership === null ? null : gapIn(site, tags);
  return {
    ref,
    name: nameOf(tags, ref),
    ownership,
    state: gap === null ? tenancyState(vpc, tags) : "error",
    displayName: tags[TAG.displayName] ?? nameOf(tags, ref),
    pool: tags[TAG.pool] ?? "",
    zone: zoneIn(tags),
    quota: quotaIn(tags),
    accessGroup: tags[TAG.accessGroup] ?? null,
    isolated: !groups.some((group) => admitsStrangers(group, vpc)),
    message: gap,
  };
}

/**
 * Neither what was begun nor what is to be removed goes on by itself: the cloud has no such work of its own.
 * So it is an error, which is mended by asking again, and not something to wait for.
 */
function gapIn({ vpc, subnets, groups }: Site, tags: Tags): string | null {
  if (tags[TAG.removing] === "true") return "its removal has begun and is not finished";
  if (vpc.State === "pending") return null;
  if (subnets.length === 0) return "it has no subnet";
  if (!groups.some((group) => group.GroupName === OUR_GROUP)) return "its security group is missing";
  return null;
}

function tenancyState(vpc: Vpc, tags: Tags): ObservedTenancy["state"] {
  if (vpc.State === "pending") return "creating";
  return tags[TAG.suspended] === "true" ? "suspended" : "active";
}

function zoneIn(tags: Tags): ObservedTenancy["zone"] {
  const zone = tags[TAG.zone];
  return zone === "internet" || zone === "extranet" || zone === "dedicated" ? zone : null;
}

export const OUR_GROUP = "yunheng";

export function toNetworks({ vpc, subnets, groups }: Site): ProviderNetwork[] {
  const isolated = !groups.some((group) => admitsStrangers(group, vpc));
  return subnets.map((subnet) => {
    const ref = required(subnet.SubnetId, "SubnetId");
    const name = nameOf(tagsOf(subnet.Tags), ref);
    return { ref, tenancyRef: required(vpc.VpcId, "VpcId"), name, isolated };
  });
}

export function toInstance(
  instance: Instance,
  size: Size | undefined,
  volumes: readonly Volume[],
): ObservedInstance {
  const ref = required(instance.InstanceId, "InstanceId");
  const tags = tagsOf(instance.Tags);
  const { state, message } = instanceState(instance, tags);
  return {
    ref,
    tenancyRef: instance.VpcId ?? "",
    name: nameOf(tags, ref),
    ownership: ownershipIn(tags),
    state,
    vcpu: vcpuOf(instance, size),
    memoryGiB: gibOf(size?.memoryMiB ?? 0),
    diskGiB: volumes.reduce((total, volume) => total + (volume.Size ?? 0), 0),
    image: tags[TAG.image] ?? instance.ImageId ?? "",
    message,
  };
}

/** Options of the processor given at launch count before the type's own figure. */
function vcpuOf({ CpuOptions: options }: Instance, size: Size | undefined): number {
  const chosen = (options?.CoreCount ?? 0) * (options?.ThreadsPerCore ?? 0);
  return chosen > 0 && chosen <= (size?.vcpu ?? chosen) ? chosen : (size?.vcpu ?? 0);
}

function instanceState(
  { State, StateReason }: Instance,
  tags: Tags,
): { state: ObservedInstance["state"]; message: string | null } {
  const resizing = tags[TAG.resizing] !== undefined;
  switch (State?.Name) {
    case "pending":
      return { state: "creating", message: null };
    case "running":
      return { state: "active", message: null };
    case "stopping":
      return { state: resizing ? "creating" : "active", message: null };
    case "stopped":
      return resizing
        ? { state: "pending", message: "stopped in order to be resized" }
        : { state: "stopped", message: null };
    case "shutting-down":
    case "terminated":
      return { state: "removing", message: null };
    default:
      return { state: "error", message: StateReason?.Code ?? `unknown state ${State?.Name}` };
  }
}

export function toImage(image: Image): ProviderImage {
  const ref = required(image.ImageId, "ImageId");
  return {
    ref,
    name: image.Name ?? ref,
    architecture: image.Architecture === "x86_64" ? "amd64" : (image.Architecture ?? ""),
  };
}

/** CPU families and the instruction sets of the API; other names count as instruction sets themselves. */
const INSTRUCTION_SETS: Readonly<Record<string, string>> = {
  kunpeng: "arm64",
  phytium: "arm64",
  hygon: "x86_64",
  zhaoxin: "x86_64",
  intel: "x86_64",
  amd: "x86_64",
  amd64: "x86_64",
};

export function instructionSet(architecture: string): string {
  return INSTRUCTION_SETS[architecture] ?? architecture;
}
