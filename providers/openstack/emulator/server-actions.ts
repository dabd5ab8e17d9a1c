import { z } from "zod";
import type { DelayRange } from "../../emulation/kind.ts";
import { admit } from "./quota.ts";
import type { ServerRecord, ServerTask } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { placeServer, taskUntil } from "./servers.ts";
import type { CloudState } from "./store.ts";

export const ServerAction = z.union([
  z.strictObject({ "os-stop": z.unknown() }),
  z.strictObject({ "os-start": z.unknown() }),
  z.strictObject({ confirmResize: z.unknown() }),
  z.strictObject({ resize: z.object({ flavorRef: z.string() }) }),
]);

/** Does it, or refuses where the server is in another state; answers with the status of success. */
export function act(
  state: CloudState,
  server: ServerRecord,
  action: z.output<typeof ServerAction>,
  delay: DelayRange,
): 202 | 204 {
  if ("resize" in action) {
    resize(state, server, action.resize.flavorRef, delay);
    return 202;
  }
  if ("confirmResize" in action) {
    assertIn(server, "confirmResize", ["resized"]);
    state.put("servers", server.id, { ...server, oldFlavor: null, vm: "active" });
    return 204;
  }
  const stopping = "os-stop" in action;
  assertIn(server, stopping ? "stop" : "start", [stopping ? "active" : "stopped"]);
  begin(state, server, stopping ? "powering-off" : "powering-on", delay);
  return 202;
}

function resize(state: CloudState, server: ServerRecord, flavorRef: string, delay: DelayRange): void {
  assertIn(server, "resize", ["active", "stopped"]);
  const flavor = state.get("flavors", flavorRef);
  if (flavor === undefined) throw new Refusal(400, "badRequest", `Flavor ${flavorRef} could not be found.`);
  if (flavor.id === server.flavor.id) {
    throw new Refusal(400, "badRequest", "When resizing, instances must change flavor!");
  }
  const cores = flavor.vcpus - server.flavor.vcpus;
  admit(state, server.projectId, { cores, ram: flavor.ram - server.flavor.ram });
  const architecture = state.get("images", server.imageId)?.architecture ?? null;
  const host = placeServer(state, { zone: server.zone, architecture, flavor, except: server.id });
  // Accepted all the same: that there is no room shows only in the size, which stays as it was.
  if (host === null) return;
  const changed = { ...server, oldFlavor: server.flavor, flavor, host: host.name };
  begin(state, changed, "resize_prep", delay);
}

function begin(state: CloudState, server: ServerRecord, task: ServerTask, delay: DelayRange): void {
  state.put("servers", server.id, { ...server, task, taskUntil: taskUntil(state, delay, server.id, task) });
}

function assertIn(server: ServerRecord, verb: string, states: readonly ServerRecord["vm"][]): void {
  const what = `Cannot '${verb}' instance ${server.id} while it is in`;
  if (server.task !== null) throw new Refusal(409, "conflictingRequest", `${what} task_state ${server.task}`);
  if (!states.includes(server.vm))
    throw new Refusal(409, "conflictingRequest", `${what} vm_state ${server.vm}`);
}
