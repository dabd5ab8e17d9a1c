import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, PoolCapacity } from "../port.ts";
import type { KubernetesConnection } from "./connection.ts";
import { ARCHITECTURE } from "./instruction-sets.ts";
import { everyItem } from "./pages.ts";
import { heldBy, isLive } from "./pods.ts";
import { CORE, GIB, nanosOf, PIECE, wholeDown, wholeUp } from "./quantity.ts";
import { promised, type Session } from "./session.ts";

export type Selector = Readonly<Record<string, string>>;

const ZONE = "topology.kubernetes.io/zone";

/** What the kubelet itself puts on a node that is not ready; whether it is, says the condition. */
const NOT_READY = "node.kubernetes.io/not-ready";

/** Allocatable of the nodes of each pool, and what the pods on them hold. */
export async function readCapacity(
  session: Session,
  connection: KubernetesConnection,
  options: CallOptions | undefined,
): Promise<PoolCapacity[]> {
  const [nodes, pods] = await Promise.all([
    readNodes(session, options),
    everyItem((position) =>
      session.call(options, (config) => session.core.listPodForAllNamespaces(position, config)),
    ),
  ]);
  return capacityOf(nodes, pods, connection);
}

export function capacityOf(
  nodes: readonly V1Node[],
  pods: readonly V1Pod[],
  connection: Pick<KubernetesConnection, "poolLabel" | "gpuResource">,
): PoolCapacity[] {
  const classes = [
    { name: "VCPU", resource: "cpu", unit: CORE },
    { name: "MEMORY_GIB", resource: "memory", unit: GIB },
    { name: "GPU", resource: connection.gpuResource, unit: PIECE },
  ];
  const pools = new Map<string, { node: V1Node; held: V1Pod[] }[]>();
  const byNode = podsByNode(pods);
  for (const node of nodes.filter(takesPods)) {
    const pool = poolOf(node, connection.poolLabel);
    if (pool === null) continue;
    const members = pools.get(pool) ?? [];
    members.push({ node, held: byNode.get(node.metadata?.name) ?? [] });
    pools.set(pool, members);
  }
  return [...pools].map(([pool, members]) => {
    const total: Record<string, number> = {};
    const used: Record<string, number> = {};
    for (const { name, resource, unit } of classes) {
      const there = members.map(({ node }) => nanosOf(node.status?.allocatable?.[resource] ?? "0"));
      const held = members.flatMap((member) => member.held.map((pod) => heldBy(pod, resource)));
      // Added up first and rounded last, or every node would lose a part of a core.
      const sum = there.reduce((all, amount) => all + amount, 0n);
      if (sum === 0n) continue;
      total[name] = wholeDown(sum, unit);
      used[name] = wholeUp(
        held.reduce((all, amount) => all + amount, 0n),
        unit,
      );
    }
    const nodes = members.map(({ node }) => node);
    const architectures = [...new Set(nodes.flatMap((node) => node.metadata?.labels?.[ARCHITECTURE] ?? []))];
    // What nodes keep for themselves is not in what they call allocatable, and no core is given out twice.
    return {
      pool,
      total,
      used,
      reserved: {},
      allocationRatio: {},
      architectures,
      traits: commonLabels(nodes),
    };
  });
}

/** Labels that every node of the pool bears with one value, as `label=value`. */
function commonLabels(nodes: readonly V1Node[]): string[] {
  const [first, ...others] = nodes.map((node) => node.metadata?.labels ?? {});
  return Object.entries(first ?? {})
    .filter(([label, value]) => others.every((labels) => labels[label] === value))
    .map(([label, value]) => `${label}=${value}`)
    .sort();
}

function podsByNode(pods: readonly V1Pod[]): Map<string | undefined, V1Pod[]> {
  const byNode = new Map<string | undefined, V1Pod[]>();
  for (const pod of pods.filter(isLive)) {
    const node = pod.spec?.nodeName;
    const sharing = byNode.get(node);
    if (sharing === undefined) byNode.set(node, [pod]);
    else sharing.push(pod);
  }
  return byNode;
}

/** What confines a pod to a pool. @throws ProviderFault `Invalid` where there is no node of that pool */
export async function selectorOf(
  session: Session,
  { poolLabel }: KubernetesConnection,
  pool: string,
  options: CallOptions | undefined,
): Promise<Selector> {
  const nodes = await readNodes(session, options);
  const labels = nodes.find((node) => poolOf(node, poolLabel) === pool)?.metadata?.labels;
  if (labels === undefined) throw new ProviderFault("Invalid", `the cloud has no pool ${pool}`);
  const names = poolLabel === undefined ? [ZONE, ARCHITECTURE] : [poolLabel];
  return Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)));
}

export function readNodes(session: Session, options: CallOptions | undefined): Promise<V1Node[]> {
  return everyItem((position) => session.call(options, (config) => session.core.listNode(position, config)));
}

/** Null where the node belongs to none. */
export function poolOf(node: V1Node, poolLabel: string | undefined): string | null {
  const labels = promised(node.metadata, "metadata").labels ?? {};
  if (poolLabel !== undefined) return labels[poolLabel] ?? null;
  const parts = [labels[ZONE], labels[ARCHITECTURE]].filter((part) => part !== undefined);
  return parts.length === 0 ? null : parts.join("-");
}

function takesPods({ spec, status }: V1Node): boolean {
  const ready = status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True");
  const kept = spec?.taints?.some(({ key, effect }) => effect !== "PreferNoSchedule" && key !== NOT_READY);
  return ready === true && spec?.unschedulable !== true && kept !== true;
}
