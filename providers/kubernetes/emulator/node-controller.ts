import { heldBy } from "../pods.ts";
import { nanosOf } from "../quantity.ts";
import { timeOf } from "./api-server.ts";
import type { Control } from "./controllers.ts";
import { partOf } from "./objects.ts";
import { CLAIMS, NODES, PODS } from "./resources.ts";
import type { Store } from "./store.ts";
import { ClaimView, NodeView, PodView } from "./views.ts";

type Pod = ReturnType<typeof PodView.parse>;
type Node = ReturnType<typeof NodeView.parse>;

/** Puts a pod where it fits; says so where it fits nowhere. */
export function schedulePod({ store, now }: Control, namespace: string, name: string): void {
  const stored = store.get(PODS, namespace, name);
  if (stored === null || stored.metadata.deletionTimestamp !== undefined) return;
  const pod = PodView.parse(stored);
  if (pod.spec.nodeName !== undefined) return;
  const nodes = store.list(NODES, null).map((node) => NodeView.parse(node));
  const fitting = nodes.filter((node) => accepts(node, pod));
  const place = disksAreBound(store, pod) ? fitting.find((node) => hasRoom(store, node, pod)) : undefined;
  const time = timeOf(now());
  if (place !== undefined) {
    const condition = { type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: time };
    const spec = { ...partOf(stored, "spec"), nodeName: place.metadata.name };
    store.put(PODS, { ...stored, spec, status: { ...partOf(stored, "status"), conditions: [condition] } });
    return;
  }
  const why = fitting.length === 0 ? "node(s) didn't match Pod's node affinity" : "Insufficient cpu";
  const message = `0/${nodes.length} nodes are available: ${nodes.length} ${why}.`;
  const known = pod.status.conditions.find(({ type }) => type === "PodScheduled");
  if (known?.message === message) return;
  const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
  const conditions = [{ ...condition, lastProbeTime: null, lastTransitionTime: time }];
  store.put(PODS, { ...stored, status: { ...partOf(stored, "status"), conditions } });
}

/** What the kubelet of the pod's node does: starts what was placed there, ends what is to go. */
export function runPod({ store, now }: Control, namespace: string, name: string): void {
  const stored = store.get(PODS, namespace, name);
  if (stored === null) return;
  const { spec, status } = PodView.parse(stored);
  if (spec.nodeName === undefined) return;
  if (stored.metadata.deletionTimestamp !== undefined) {
    store.remove(PODS, stored);
    return;
  }
  if (status.phase !== "Pending") return;
  const time = timeOf(now());
  const conditions = ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map((type) => ({
    ...{ type, status: "True", lastProbeTime: null, lastTransitionTime: time },
  }));
  const containerStatuses = spec.containers.map((container) => ({
    ...{ name: container.name, image: container.image, imageID: container.image, restartCount: 0 },
    ...{ ready: true, started: true, lastState: {}, state: { running: { startedAt: time } } },
  }));
  const running = {
    ...partOf(stored, "status"),
    phase: "Running",
    conditions,
    containerStatuses,
    startTime: time,
  };
  store.put(PODS, { ...stored, status: running });
}

function accepts({ metadata, spec, status }: Node, pod: Pod): boolean {
  const ready = status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True");
  const kept = spec.taints.some(({ key, effect }) => effect === "NoSchedule" && !key.endsWith("/not-ready"));
  const wanted = Object.entries(pod.spec.nodeSelector);
  return (
    ready &&
    !kept &&
    !spec.unschedulable &&
    wanted.every(([label, value]) => metadata.labels[label] === value)
  );
}

function hasRoom(store: Store, node: Node, pod: Pod): boolean {
  const there = store
    .list(PODS, null)
    .map((stored) => PodView.parse(stored))
    .filter(({ spec }) => spec.nodeName === node.metadata.name);
  return ["cpu", "memory", "nvidia.com/gpu"].every((resource) => {
    const free = there.reduce(
      (left, other) => left - heldBy(podFor(other), resource),
      nanosOf(node.status.allocatable[resource] ?? "0"),
    );
    return heldBy(podFor(pod), resource) <= free;
  });
}

function disksAreBound(store: Store, { metadata, spec }: Pod): boolean {
  return spec.volumes.every(({ persistentVolumeClaim: disk }) => {
    if (disk === undefined) return true;
    const claim = store.get(CLAIMS, metadata.namespace, disk.claimName);
    return claim !== null && ClaimView.parse(claim).status.phase === "Bound";
  });
}

function podFor({ spec }: Pod) {
  return { spec: { containers: spec.containers.map(({ name, resources }) => ({ name, resources })) } };
}
