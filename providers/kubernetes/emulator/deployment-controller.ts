import { createHash } from "node:crypto";
import { timeOf } from "./api-server.ts";
import type { Control } from "./controllers.ts";
import { type JsonObject, partOf, type Stored, sameJson } from "./objects.ts";
import { DEPLOYMENTS, PODS } from "./resources.ts";
import { Refusal } from "./status.ts";
import { DeploymentView, PodView } from "./views.ts";

const HASH = "pod-template-hash";
const HOW = { manager: "kube-controller-manager" };

/**
 * One step: old pods go, then new ones come, as with the strategy `Recreate`. What replica sets do in between is
 * left out. @returns false where a pod was refused and is to be tried again
 */
export function reconcileDeployment({ store, api, now }: Control, namespace: string, name: string): boolean {
  const stored = store.get(DEPLOYMENTS, namespace, name);
  if (stored === null) {
    for (const orphan of store.list(PODS, namespace).filter((pod) => isOrphan(pod, namespace, name))) {
      if (store.get(DEPLOYMENTS, namespace, name) === null) leave(orphan);
    }
    return true;
  }
  const { metadata, spec } = DeploymentView.parse(stored);
  const pods = store.list(PODS, namespace).filter((pod) => isOwnedBy(pod, metadata.uid));
  if (metadata.deletionTimestamp !== undefined) {
    if (pods.length === 0) store.remove(DEPLOYMENTS, stored);
    for (const pod of pods) leave(pod);
    return true;
  }
  const template = partOf(stored.spec, "template");
  const hash = createHash("sha256").update(JSON.stringify(template)).digest("hex").slice(0, 10);
  const current = pods.filter((pod) => pod.metadata.labels?.[HASH] === hash);
  const outdated = pods.filter((pod) => !current.includes(pod));
  for (const pod of [...outdated, ...current.slice(spec.replicas)]) leave(pod);
  let failure: string | null = null;
  for (let missing = spec.replicas - current.length; missing > 0 && outdated.length === 0; missing -= 1) {
    failure = attempt(() => api.create(PODS, namespace, podOf(stored, template, hash), HOW));
    if (failure !== null) break;
  }
  report(failure, hash);
  return failure === null;

  function leave(pod: Stored): void {
    if (pod.metadata.deletionTimestamp === undefined) api.remove(PODS, namespace, pod.metadata.name, {});
  }

  function report(refused: string | null, wanted: string): void {
    const latest = store.get(DEPLOYMENTS, namespace, name);
    if (latest === null) return;
    const there = store.list(PODS, namespace).filter((pod) => isOwnedBy(pod, latest.metadata.uid));
    const status = statusOf(latest, there, { refused, wanted, time: timeOf(now()) });
    if (!sameJson(latest.status, status)) store.put(DEPLOYMENTS, { ...latest, status });
  }
}

function attempt(make: () => unknown): string | null {
  try {
    make();
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

function podOf(deployment: Stored, template: JsonObject, hash: string): JsonObject {
  const { name, uid } = deployment.metadata;
  const { labels, annotations } = partOf(template, "metadata");
  const owner = { apiVersion: "apps/v1", kind: "Deployment", name, uid, controller: true };
  return {
    metadata: {
      generateName: `${name}-${hash}-`,
      labels: { ...partOf({ labels }, "labels"), [HASH]: hash },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [owner],
    },
    spec: partOf(template, "spec"),
  };
}

interface Round {
  readonly refused: string | null;
  readonly wanted: string;
  readonly time: string;
}

function statusOf(deployment: Stored, pods: readonly Stored[], { refused, wanted, time }: Round): JsonObject {
  const replicas = DeploymentView.parse(deployment).spec.replicas;
  const updated = pods.filter((pod) => pod.metadata.labels?.[HASH] === wanted);
  const ready = updated.filter((pod) => PodView.parse(pod).status.phase === "Running");
  const known = partOf(deployment, "status").conditions;
  const condition = (type: string, is: boolean, reason: string, message: string) => {
    const same = { type, status: is ? "True" : "False", reason, message };
    const before = Array.isArray(known)
      ? known.find((one) => sameJson(partOf({ one }, "one").type, type))
      : undefined;
    const { lastTransitionTime, lastUpdateTime, ...rest } = partOf({ before: before ?? null }, "before");
    const kept = sameJson(rest, same) ? { lastTransitionTime, lastUpdateTime } : null;
    return {
      ...same,
      lastTransitionTime: kept?.lastTransitionTime ?? time,
      lastUpdateTime: kept?.lastUpdateTime ?? time,
    };
  };
  const available = ready.length >= replicas;
  const count = (name: string, amount: number) => (amount === 0 ? {} : { [name]: amount });
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...count("replicas", pods.length),
    ...count("updatedReplicas", updated.length),
    ...count("readyReplicas", ready.length),
    ...count("availableReplicas", ready.length),
    ...count("unavailableReplicas", Math.max(0, replicas - ready.length)),
    conditions: [
      condition(
        "Available",
        available,
        available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
        "",
      ),
      ...(refused === null ? [] : [condition("ReplicaFailure", true, "FailedCreate", refused)]),
      condition("Progressing", true, available ? "NewReplicaSetAvailable" : "ReplicaSetUpdated", ""),
    ],
  };
}

function isOwnedBy({ metadata }: Stored, uid: string): boolean {
  return metadata.ownerReferences?.some((owner) => owner.uid === uid) === true;
}

/** The deployment is gone, its pods follow: what the garbage collector does. */
function isOrphan({ metadata }: Stored, namespace: string, name: string): boolean {
  return (
    metadata.namespace === namespace &&
    metadata.ownerReferences?.some((owner) => owner.name === name) === true
  );
}
