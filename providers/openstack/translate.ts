import { ProviderFault } from "../faults.ts";
import type { ObservedInstance, ProviderImage, ProviderQuantities } from "../port.ts";
import { IMAGE_KEY, markOfServer } from "./marks.ts";
import type { WireImage, WireServer } from "./wire.ts";

/** OpenStack writes MB and GB and means MiB and GiB. */
const MIB_PER_GIB = 1024;

/** OpenStack's -1. */
export const UNLIMITED = Number.MAX_SAFE_INTEGER;

export function toMib(gib: number): number {
  const mib = gib * MIB_PER_GIB;
  if (!Number.isSafeInteger(mib) || gib < 0) {
    throw new ProviderFault("Invalid", `not an amount of memory: ${gib} GiB`);
  }
  return mib;
}

/** What is used, or promised, is never shown smaller than it is. */
export function gibUp(mib: number): number {
  return Math.ceil(mib / MIB_PER_GIB);
}

/** What there is, is never shown larger than it is. */
export function gibDown(mib: number): number {
  return Math.floor(mib / MIB_PER_GIB);
}

export function fromLimit(limit: number): number {
  return limit < 0 ? UNLIMITED : limit;
}

export function toLimit(amount: number): number {
  return amount >= UNLIMITED ? -1 : amount;
}

/** Limits of memory are kept in MB: -1 stays -1. */
export function memoryLimit(gib: number): number {
  return gib >= UNLIMITED ? -1 : toMib(gib);
}

export function memoryFromLimit(mib: number): number {
  return mib < 0 ? UNLIMITED : gibUp(mib);
}

/** CPU families and the instruction set of each, as images and hosts name it. */
const INSTRUCTION_SETS: Readonly<Record<string, string>> = {
  kunpeng: "aarch64",
  phytium: "aarch64",
  arm64: "aarch64",
  hygon: "x86_64",
  zhaoxin: "x86_64",
  intel: "x86_64",
  amd: "x86_64",
  amd64: "x86_64",
  loongson: "loongarch64",
  loong64: "loongarch64",
};

export function instructionSet(architecture: string): string {
  return INSTRUCTION_SETS[architecture.toLowerCase()] ?? architecture;
}

export function toImage(wire: WireImage): ProviderImage {
  return {
    ref: wire.id,
    name: wire.name ?? wire.id,
    architecture: wire.hw_architecture ?? wire.architecture ?? "",
  };
}

export function toInstance(wire: WireServer): ObservedInstance {
  const image = wire.image === "" || wire.image === null ? "" : wire.image.id;
  return {
    ref: wire.id,
    tenancyRef: wire.tenant_id,
    name: wire.name,
    ownership: markOfServer(wire.metadata),
    state: stateOf(wire),
    vcpu: wire.flavor.vcpus,
    memoryGiB: gibUp(wire.flavor.ram),
    diskGiB: wire.flavor.disk,
    image: wire.metadata[IMAGE_KEY] ?? image,
    message: wire.fault?.message ?? null,
  };
}

const STATES: Readonly<Record<string, ObservedInstance["state"]>> = {
  ACTIVE: "active",
  SHUTOFF: "stopped",
  SUSPENDED: "stopped",
  PAUSED: "stopped",
  SHELVED: "stopped",
  SHELVED_OFFLOADED: "stopped",
  VERIFY_RESIZE: "pending",
  DELETED: "removing",
  SOFT_DELETED: "removing",
  ERROR: "error",
};

/** What is on its way somewhere counts as being made, whatever it was before. */
export function stateOf(
  wire: Pick<WireServer, "status" | "OS-EXT-STS:task_state">,
): ObservedInstance["state"] {
  const task = wire["OS-EXT-STS:task_state"];
  if (task === "deleting" || task === "soft-deleting") return "removing";
  const state = STATES[wire.status] ?? "creating";
  return task !== null && state === "active" && task.startsWith("resize") ? "creating" : state;
}

/** In classes that instances use; `DISK_GB` is whole GiB already. */
export function fromPlacement(amounts: Readonly<Record<string, number>>, memory: (mib: number) => number) {
  const quantities: Record<string, number> = {};
  for (const [name, amount] of Object.entries(amounts)) {
    if (name === "VCPU") quantities.VCPU = (quantities.VCPU ?? 0) + amount;
    else if (name === "PCPU") quantities.VCPU = (quantities.VCPU ?? 0) + amount;
    else if (name === "MEMORY_MB") quantities.MEMORY_GIB = memory(amount);
    else if (name === "DISK_GB") quantities.BLOCK_STORAGE_GIB = amount;
    else if (name === "VGPU" || name === "PGPU") quantities.GPU = (quantities.GPU ?? 0) + amount;
  }
  return quantities;
}

export function sum(left: ProviderQuantities, right: ProviderQuantities): ProviderQuantities {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return Object.fromEntries([...names].map((name) => [name, (left[name] ?? 0) + (right[name] ?? 0)]));
}
