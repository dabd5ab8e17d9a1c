import { createHash, randomUUID } from "node:crypto";
import type { DelayRange } from "../../emulation/kind.ts";
import type { FlavorRecord, HostRecord, ServerRecord } from "./records.ts";
import type { CloudState } from "./store.ts";

/** What Nova does by and by: placing, building, stopping, resizing, removing. It follows from the time. */

const UNITS = { VCPU: "vcpus", MEMORY_MB: "ram", DISK_GB: "disk" } as const;
type Unit = keyof typeof UNITS;
const EACH: readonly Unit[] = ["VCPU", "MEMORY_MB", "DISK_GB"];

export function capacityOf(host: HostRecord, unit: Unit): number {
  return Math.floor(host.total[unit] * host.ratio[unit]);
}

export function usedOn(state: CloudState, host: HostRecord, unit: Unit, except?: string): number {
  return state
    .all("servers")
    .filter((server) => server.host === host.name && server.id !== except)
    .reduce(
      (total, { flavor, oldFlavor }) => total + (flavor[UNITS[unit]] + (oldFlavor?.[UNITS[unit]] ?? 0)),
      0,
    );
}

/** The host with the most room of those that have enough, in the zone and of the image's processor. */
export function placeServer(
  state: CloudState,
  wanted: { zone: string | null; architecture: string | null; flavor: FlavorRecord; except?: string },
): HostRecord | null {
  const fitting = state
    .all("hosts")
    .filter((host) => wanted.zone === null || host.zone === wanted.zone)
    .filter((host) => wanted.architecture === null || host.architecture === wanted.architecture)
    .filter((host) =>
      EACH.every(
        (unit) =>
          usedOn(state, host, unit, wanted.except) + wanted.flavor[UNITS[unit]] <= capacityOf(host, unit) &&
          wanted.flavor[UNITS[unit]] <= host.total[unit],
      ),
    );
  const free = (host: HostRecord) => capacityOf(host, "VCPU") - usedOn(state, host, "VCPU");
  return fitting.sort((left, right) => free(right) - free(left))[0] ?? null;
}

/** Brings every server to where it is by now. */
export function settleServers(state: CloudState): void {
  const now = state.now();
  for (const server of state.all("servers")) {
    if (server.task === null || now < server.taskUntil) continue;
    if (server.task === "deleting") {
      removeServer(state, server);
      continue;
    }
    state.put("servers", server.id, {
      ...server,
      ...afterTask(server),
      task: null,
      updatedAt: server.taskUntil,
    });
  }
}

function afterTask(server: ServerRecord): Pick<ServerRecord, "vm"> {
  switch (server.task) {
    case "spawning":
      return { vm: server.host === null ? "error" : "active" };
    case "powering-off":
      return { vm: "stopped" };
    case "resize_prep":
      return { vm: "resized" };
    default:
      return { vm: "active" };
  }
}

/** Ports that Nova made go with their server; those that were brought along become free. */
function removeServer(state: CloudState, server: ServerRecord): void {
  for (const port of state.all("ports").filter(({ deviceId }) => deviceId === server.id)) {
    if (port.ofServer) state.drop("ports", port.id);
    else state.put("ports", port.id, { ...port, deviceId: "", deviceOwner: "", revision: port.revision + 1 });
  }
  state.drop("servers", server.id);
}

/** Spread over the range by what it is for, and alike for the same. */
export function taskUntil(state: CloudState, delay: DelayRange, ...of: string[]): number {
  const spread = createHash("sha256").update(of.join("/")).digest().readUInt32BE(0);
  return state.now() + delay.min + (spread % (delay.max - delay.min + 1));
}

export function newServerId(): string {
  return randomUUID();
}
