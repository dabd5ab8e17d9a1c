import type { V1Deployment, V1Pod } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { toInstance } from "./translate-instance.ts";

const LABELS = { "yunheng.io/instance": "app-1" };
const CONTAINER = { name: "main", image: "r/app:1", resources: { limits: { cpu: "2", memory: "4Gi" } } };

function deployment(change: { spec?: object; status?: object; metadata?: object } = {}): V1Deployment {
  return {
    metadata: { uid: "u", name: "app-1", generation: 1, ...change.metadata },
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: { containers: [CONTAINER] } },
      ...change.spec,
    },
    status: {
      observedGeneration: 1,
      replicas: 1,
      updatedReplicas: 1,
      availableReplicas: 1,
      ...change.status,
    },
  };
}

function seen(object: V1Deployment, pods: V1Pod[] = []) {
  return toInstance(object, { tenancyRef: "ns", pods, claims: [] });
}

test.each([
  ["active", {}],
  ["creating", { status: { observedGeneration: 0 } }],
  ["creating", { status: { availableReplicas: 0 } }],
  ["creating", { status: { updatedReplicas: 0 } }],
  ["creating", { status: { replicas: 2 } }],
  ["stopped", { spec: { replicas: 0 }, status: { replicas: 0 } }],
  ["active", { spec: { replicas: 0 } }],
  ["removing", { metadata: { deletionTimestamp: new Date(0) } }],
])("is %s with %j", (state, change) => {
  expect(seen(deployment(change)).state).toBe(state);
});

test("a pod without a place, a refused pod and an image that cannot be pulled are errors with a reason", () => {
  const waiting = deployment({ status: { availableReplicas: 0 } });
  const labelled = { metadata: { labels: LABELS } };
  const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes" };
  expect(seen(waiting, [{ ...labelled, status: { conditions: [condition] } }])).toMatchObject({
    ...{ state: "error", message: "0/3 nodes" },
  });
  const state = { waiting: { reason: "ImagePullBackOff", message: "no such image" } };
  const container = { name: "main", image: "i", imageID: "", ready: false, restartCount: 0, state };
  expect(seen(waiting, [{ ...labelled, status: { containerStatuses: [container] } }])).toMatchObject({
    ...{ state: "error", message: "ImagePullBackOff: no such image" },
  });
  const refused = { type: "ReplicaFailure", status: "True", message: "exceeded quota: tenancy" };
  expect(seen(deployment({ status: { availableReplicas: 0, conditions: [refused] } })).state).toBe("error");
});

test("another pod's trouble is not the instance's", () => {
  const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable" };
  const other = {
    metadata: { labels: { "yunheng.io/instance": "app-2" } },
    status: { conditions: [condition] },
  };
  expect(seen(deployment({ status: { availableReplicas: 0 } }), [other]).state).toBe("creating");
});

test.each([
  [{ cpu: "1500m", memory: "4Gi" }, 1, { vcpu: 2, memoryGiB: 4 }],
  [{ cpu: "2", memory: "4G" }, 1, { vcpu: 2, memoryGiB: 4 }],
  [{ cpu: "500m", memory: "512Mi" }, 3, { vcpu: 2, memoryGiB: 2 }],
  [{ cpu: "2", memory: "4Gi" }, 0, { vcpu: 2, memoryGiB: 4 }],
])("%j times %d is rounded up once, over all of it", (limits, replicas, size) => {
  const template = { spec: { containers: [{ ...CONTAINER, resources: { limits } }] } };
  expect(seen(deployment({ spec: { replicas, template } }))).toMatchObject(size);
});

test("the image has the name it was asked for by, unless somebody has put another in its place", () => {
  const annotations = { "yunheng.io/image": "app", "yunheng.io/image-reference": "r/app:1" };
  expect(seen(deployment({ metadata: { annotations } })).image).toBe("app");
  const other = { ...annotations, "yunheng.io/image-reference": "r/app:2" };
  expect(seen(deployment({ metadata: { annotations: other } })).image).toBe("r/app:1");
});
