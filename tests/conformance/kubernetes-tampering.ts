import {
  AppsV1Api,
  CoreV1Api,
  type KubeConfig,
  NetworkingV1Api,
  PatchStrategy,
  setHeaderOptions,
} from "@kubernetes/client-node";
import { quotaObject } from "../../providers/kubernetes/quota.ts";
import { type Tampering, until } from "./target.ts";

/** What an administrator does with the cluster's own tools. */
export function kubernetesTampering(kubeConfig: KubeConfig): Tampering {
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const apps = kubeConfig.makeApiClient(AppsV1Api);
  const networking = kubeConfig.makeApiClient(NetworkingV1Api);
  const merge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
  return {
    async setQuota(namespace, quota) {
      const { hard } = quotaObject(quota, "nvidia.com/gpu", false);
      await core.patchNamespacedResourceQuota(
        { name: "tenancy", namespace, body: { spec: { hard } } },
        merge,
      );
    },
    async openNetwork(namespace) {
      const body = { metadata: { name: "open" }, spec: { podSelector: {}, ingress: [{}] } };
      await networking.createNamespacedNetworkPolicy({ namespace, body });
    },
    async destroyTenancy(name) {
      await core.deleteNamespace({ name });
      await gone(() => core.readNamespace({ name }));
    },
    async destroyInstance(namespace, name) {
      await apps.deleteNamespacedDeployment({ namespace, name });
    },
    async createForeign(name) {
      await core.createNamespace({ body: { metadata: { name } } });
    },
  };
}

async function gone(read: () => Promise<unknown>): Promise<void> {
  await until(60_000, "gone", () =>
    read().then(
      () => ({ state: "there" }),
      () => ({ state: "gone" }),
    ),
  );
}
