import { setTimeout as sleep } from "node:timers/promises";
import {
  ApiException,
  CoreV1Api as Core,
  type CoreV1Api,
  type KubeConfig,
  type V1Node,
  type V1Pod,
} from "@kubernetes/client-node";
import { heldBy } from "../../providers/kubernetes/pods.ts";
import { nanosOf } from "../../providers/kubernetes/quantity.ts";

export interface PlayedNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
}

const PAUSE_MS = 100;

/**
 * Plays the nodes of a cluster that has only a control plane: registers them, places pods where they fit, says
 * that they run, and lets them end. Everything else is left to the cluster.
 */
export async function playNodes(
  kubeConfig: KubeConfig,
  nodes: readonly PlayedNode[],
): Promise<{ stop(): Promise<void> }> {
  const core = kubeConfig.makeApiClient(Core);
  for (const node of nodes) await register(core, node);
  const mine = new Set(nodes.map(({ name }) => name));
  let stopping = false;
  const playing = (async () => {
    while (!stopping) {
      await play(core, mine);
      await sleep(PAUSE_MS);
    }
  })();
  return {
    async stop() {
      stopping = true;
      await playing;
      for (const { name } of nodes) await settled(core.deleteNode({ name }));
    },
  };
}

async function register(core: CoreV1Api, { name, labels, allocatable }: PlayedNode): Promise<void> {
  await settled(core.createNode({ body: { metadata: { name, labels: { ...labels } } } }));
  const node = await core.readNode({ name });
  const at = new Date();
  const ready = { type: "Ready", status: "True", reason: "KubeletReady", message: "played" };
  await core.replaceNodeStatus({
    name,
    body: {
      ...node,
      status: {
        allocatable: { ...allocatable },
        capacity: { ...allocatable },
        conditions: [{ ...ready, lastHeartbeatTime: at, lastTransitionTime: at }],
      },
    },
  });
}

async function play(core: CoreV1Api, mine: ReadonlySet<string>): Promise<void> {
  const [{ items: nodes }, { items: pods }] = await Promise.all([
    core.listNode(),
    core.listPodForAllNamespaces(),
  ]);
  const free = new Map(
    nodes.flatMap((node) => (mine.has(nameOf(node)) ? [[nameOf(node), freeOf(node, pods)]] : [])),
  );
  for (const pod of pods) {
    const where = { name: nameOf(pod), namespace: pod.metadata?.namespace ?? "" };
    const node = pod.spec?.nodeName;
    if (pod.metadata?.deletionTimestamp !== undefined) {
      if (node === undefined || mine.has(node)) {
        await settled(core.deleteNamespacedPod({ ...where, gracePeriodSeconds: 0 }));
      }
    } else if (node === undefined) {
      await place(core, pod, nodes, free);
    } else if (mine.has(node) && pod.status?.phase === "Pending") {
      await sayThatItRuns(core, pod);
    }
  }
}

interface Free {
  cpu: bigint;
  memory: bigint;
}

function freeOf(node: V1Node, pods: readonly V1Pod[]): Free {
  const held = pods.filter((pod) => pod.spec?.nodeName === nameOf(node));
  const left = (resource: string) =>
    held.reduce(
      (rest, pod) => rest - heldBy(pod, resource),
      nanosOf(node.status?.allocatable?.[resource] ?? "0"),
    );
  return { cpu: left("cpu"), memory: left("memory") };
}

async function place(
  core: CoreV1Api,
  pod: V1Pod,
  nodes: readonly V1Node[],
  free: ReadonlyMap<string, Free>,
): Promise<void> {
  const selector = Object.entries(pod.spec?.nodeSelector ?? {});
  const fitting = nodes.find((node) => {
    const room = free.get(nameOf(node));
    return (
      room !== undefined &&
      selector.every(([label, value]) => node.metadata?.labels?.[label] === value) &&
      heldBy(pod, "cpu") <= room.cpu &&
      heldBy(pod, "memory") <= room.memory
    );
  });
  const where = { name: nameOf(pod), namespace: pod.metadata?.namespace ?? "" };
  if (fitting === undefined) {
    const message = `0/${nodes.length} nodes are available: ${nodes.length} Insufficient cpu.`;
    const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
    await settled(
      core.replaceNamespacedPodStatus({
        ...where,
        body: { ...pod, status: { ...pod.status, conditions: [condition] } },
      }),
    );
    return;
  }
  const room = free.get(nameOf(fitting));
  if (room !== undefined) {
    room.cpu -= heldBy(pod, "cpu");
    room.memory -= heldBy(pod, "memory");
  }
  const target = { apiVersion: "v1", kind: "Node", name: nameOf(fitting) };
  const body = { metadata: { name: where.name, namespace: where.namespace }, target };
  await settled(core.createNamespacedPodBinding({ ...where, body }));
}

async function sayThatItRuns(core: CoreV1Api, pod: V1Pod): Promise<void> {
  const at = new Date();
  const conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map((type) => ({
    ...{ type, status: "True", lastTransitionTime: at },
  }));
  const containerStatuses = (pod.spec?.containers ?? []).map(({ name, image = "" }) => ({
    ...{ name, image, imageID: image, ready: true, started: true, restartCount: 0 },
    state: { running: { startedAt: at } },
  }));
  const status = { phase: "Running", conditions, containerStatuses, startTime: at };
  const where = { name: nameOf(pod), namespace: pod.metadata?.namespace ?? "" };
  await settled(core.replaceNamespacedPodStatus({ ...where, body: { ...pod, status } }));
}

function nameOf({ metadata }: V1Node | V1Pod): string {
  return metadata?.name ?? "";
}

/** Whoever was quicker has done it, or it is gone: the next look shows. */
async function settled(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ApiException) || ![403, 404, 409].includes(error.code)) throw error;
  }
}
