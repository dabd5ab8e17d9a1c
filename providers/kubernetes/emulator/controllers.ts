import type { ApiServer } from "./api-server.ts";
import { reconcileDeployment } from "./deployment-controller.ts";
import { finishNamespace, provideAccount } from "./namespace-controller.ts";
import { runPod, schedulePod } from "./node-controller.ts";
import type { Stored } from "./objects.ts";
import { takeUpQuotas } from "./quota-controller.ts";
import { CLAIMS, DEPLOYMENTS, NAMESPACES, NODES, PODS, QUOTAS, SERVICES } from "./resources.ts";
import { type Event, keyOf, nameOf, type Store } from "./store.ts";
import type { Tasks } from "./tasks.ts";
import { settleClaim } from "./volume-controller.ts";

export interface Control {
  /** Without them pods are left waiting, as on a cluster that has only a control plane. */
  readonly hasNodes: boolean;
  readonly store: Store;
  readonly api: ApiServer;
  readonly now: () => number;
}

const LEAVING = 10;

/** Everything that acts on its own: each controller looks at one object, brings it a step further, and may be late. */
export function runControllers(control: Control, tasks: Tasks): () => void {
  const { store } = control;
  const onNamespace = (name: string) => {
    tasks.soon(`account ${name}`, () => provideAccount(control, name));
    // The slowest of all, with a real cluster too.
    const finish = () =>
      tasks.soon(`namespace ${name}`, () => (finishNamespace(control, name) ? undefined : finish()), LEAVING);
    finish();
  };
  const onQuotas = (namespace: string) =>
    tasks.soon(`quotas ${namespace}`, () => takeUpQuotas(control, namespace));
  const onDeployment = (namespace: string, name: string) =>
    tasks.soon(`deployment ${keyOf(namespace, name)}`, () => {
      if (!reconcileDeployment(control, namespace, name)) onDeployment(namespace, name);
    });
  const onPod = (namespace: string, name: string) =>
    tasks.soon(`pod ${keyOf(namespace, name)}`, () => {
      if (!control.hasNodes) return;
      schedulePod(control, namespace, name);
      runPod(control, namespace, name);
    });
  const onClaim = (namespace: string, name: string) =>
    tasks.soon(`claim ${keyOf(namespace, name)}`, () => settleClaim(control, namespace, name));

  const look = (resource: string, object: Stored, gone: boolean) => {
    const { name, namespace = "" } = object.metadata;
    if (resource === nameOf(NAMESPACES)) onNamespace(name);
    if (resource === nameOf(QUOTAS)) onQuotas(namespace);
    if (resource === nameOf(SERVICES)) onQuotas(namespace);
    if (resource === nameOf(DEPLOYMENTS)) onDeployment(namespace, name);
    if (resource === nameOf(CLAIMS)) {
      onClaim(namespace, name);
      onQuotas(namespace);
    }
    if (resource === nameOf(PODS)) {
      onPod(namespace, name);
      onQuotas(namespace);
      for (const owner of store.list(DEPLOYMENTS, namespace)) onDeployment(namespace, owner.metadata.name);
      for (const claim of gone ? store.list(CLAIMS, namespace) : []) onClaim(namespace, claim.metadata.name);
    }
    // Room has come free, or a node has come: whoever waits for a place looks again.
    if ((resource === nameOf(PODS) && gone) || resource === nameOf(NODES)) {
      tasks.soon("waiting pods", () => {
        if (!control.hasNodes) return;
        for (const pod of store.list(PODS, null)) {
          schedulePod(control, pod.metadata.namespace ?? "", pod.metadata.name);
        }
      });
    }
  };
  const onEvent = ({ resource, before, after }: Event) => {
    const object = after ?? before;
    if (object !== null) look(resource, object, after === null);
  };
  const stop = store.onChange(onEvent);
  // What a restart has interrupted.
  for (const resource of [NAMESPACES, QUOTAS, DEPLOYMENTS, CLAIMS, PODS]) {
    for (const object of store.list(resource, null)) look(nameOf(resource), object, false);
  }
  return stop;
}
