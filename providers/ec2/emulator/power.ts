import { instanceIn, stateView } from "./instances.ts";
import type { Params } from "./params.ts";
import type { InstanceRecord, InstanceState } from "./records.ts";
import { Refusal } from "./refusal.ts";
import type { Scene } from "./scene.ts";
import { TYPES } from "./types.ts";
import type { XmlFields } from "./xml.ts";
import { assertRoom, zoneOf } from "./zones.ts";

interface Order {
  /** States from which there is a way, and the one that it begins with. */
  readonly from: readonly InstanceState[];
  readonly to: InstanceState;
  /** States in which the order changes nothing. */
  readonly already: readonly InstanceState[];
}

const START: Order = { from: ["stopped"], to: "pending", already: ["pending", "running"] };
const STOP: Order = { from: ["running"], to: "stopping", already: ["stopping", "stopped"] };
const TERMINATE: Order = {
  from: ["pending", "running", "stopping", "stopped"],
  to: "shutting-down",
  already: ["shutting-down", "terminated"],
};

export const startInstances = (scene: Scene, params: Params): XmlFields =>
  ordered(scene, params, START, "started");
export const stopInstances = (scene: Scene, params: Params): XmlFields =>
  ordered(scene, params, STOP, "stopped");
export const terminateInstances = (scene: Scene, params: Params): XmlFields =>
  ordered(scene, params, TERMINATE, "terminated");

/** All or nothing: one instance that cannot follow spoils the order for the others. */
function ordered(scene: Scene, params: Params, order: Order, done: string): XmlFields {
  const instances = params.texts("InstanceId").map((id) => instanceIn(scene, id));
  const stuck = instances.find(({ state }) => !order.from.includes(state) && !order.already.includes(state));
  if (stuck !== undefined) {
    const message = `The instance '${stuck.id}' is not in a state from which it can be ${done}.`;
    throw new Refusal("IncorrectInstanceState", message);
  }
  return {
    instancesSet: instances.map((instance) => {
      const changed = order.from.includes(instance.state);
      if (changed) {
        const changesAt = scene.now + scene.delayMs();
        scene.put("instance", instance.id, { ...instance, state: order.to, changesAt });
      }
      return {
        instanceId: instance.id,
        currentState: stateView(changed ? order.to : instance.state),
        previousState: stateView(instance.state),
      };
    }),
  };
}

export function modifyInstance(scene: Scene, params: Params): XmlFields {
  const instance = instanceIn(scene, params.required("InstanceId"));
  const name = params.required("InstanceType.Value");
  const type = TYPES.get(name);
  if (type === undefined)
    throw new Refusal("InvalidParameterValue", `Invalid value '${name}' for InstanceType.`);
  if (instance.state !== "stopped") {
    const message = `The instance '${instance.id}' is not in the 'stopped' state.`;
    throw new Refusal("IncorrectInstanceState", message);
  }
  assertRoom(scene, zoneOf(scene, instance), growth(instance, type));
  scene.put("instance", instance.id, { ...instance, type: type.id });
  return { return: true };
}

function growth(instance: InstanceRecord, type: { readonly vcpu: number; readonly memoryMiB: number }) {
  const now = TYPES.get(instance.type);
  return {
    VCPU: type.vcpu - (now?.vcpu ?? 0),
    MEMORY_GIB: (type.memoryMiB - (now?.memoryMiB ?? 0)) / 1024,
  };
}
