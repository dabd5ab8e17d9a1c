import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { instructionSet } from "./instruction-sets.ts";
import { capacityOf, poolOf } from "./pools.ts";

const CONNECTION = { gpuResource: "nvidia.com/gpu" };

function node(name: string, cpu: string, change: Partial<V1Node> = {}): V1Node {
  return {
    metadata: { name, labels: { "topology.kubernetes.io/zone": "zone-1", "kubernetes.io/arch": "arm64" } },
    spec: { taints: [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }] },
    status: { allocatable: { cpu, memory: "248Gi" }, conditions: [{ type: "Ready", status: "True" }] },
    ...change,
  };
}

function pod(nodeName: string, cpu: string, phase = "Running"): V1Pod {
  const container = { name: "c", resources: { requests: { cpu, memory: "1Gi" } } };
  return { spec: { nodeName, containers: [container] }, status: { phase } };
}

test("nodes are added up before they are rounded, and pods too", () => {
  const pods = [pod("a", "300m"), pod("b", "800m"), pod("b", "5", "Succeeded"), pod("elsewhere", "9")];
  expect(capacityOf([node("a", "61500m"), node("b", "61500m")], pods, CONNECTION)).toEqual([
    {
      pool: "zone-1-arm64",
      total: { VCPU: 123, MEMORY_GIB: 496 },
      used: { VCPU: 2, MEMORY_GIB: 2 },
      reserved: {},
      allocationRatio: {},
      architectures: ["arm64"],
      traits: ["kubernetes.io/arch=arm64", "topology.kubernetes.io/zone=zone-1"],
    },
  ]);
});

test.each([
  ["cordoned", { spec: { unschedulable: true } }],
  [
    "kept for others",
    { spec: { taints: [{ key: "node-role.kubernetes.io/master", effect: "NoSchedule" }] } },
  ],
  ["not ready", { status: { allocatable: { cpu: "8" }, conditions: [{ type: "Ready", status: "False" }] } }],
])("a node that is %s gives nothing", (_, change) => {
  expect(capacityOf([node("a", "8", change)], [], CONNECTION)).toEqual([]);
});

test("a label may say which pool a node is in; without it a node is in none", () => {
  const labelled = node("a", "8", { metadata: { name: "a", labels: { pool: "gz-ext-l3" } } });
  expect(poolOf(labelled, "pool")).toBe("gz-ext-l3");
  expect(poolOf(node("b", "8"), "pool")).toBeNull();
});

test("a CPU family runs its instruction set", () => {
  expect(["kunpeng", "hygon", "loongson", "riscv64"].map(instructionSet)).toEqual([
    ...["arm64", "amd64", "loong64", "riscv64"],
  ]);
});
