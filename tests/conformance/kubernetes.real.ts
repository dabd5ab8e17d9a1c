import { CoreV1Api, type KubeConfig } from "@kubernetes/client-node";
import { KubernetesConnection } from "../../providers/kubernetes/connection.ts";
import { kubernetesProvider } from "../../providers/kubernetes/provider.ts";
import { clusterFromEnvironment } from "../support/kubernetes-cluster.ts";
import { playNodes } from "../support/kubernetes-nodes.ts";
import { byHttp, RECORDED_RUN, recordingTo, recordRun } from "../support/recording.ts";
import { KUBERNETES_SUPPORTS } from "./kubernetes-supports.ts";
import { kubernetesTampering } from "./kubernetes-tampering.ts";
import { providerConformance } from "./provider.ts";
import type { ConformanceTarget } from "./target.ts";

const AT_ONCE = 20;
const POOL_LABEL = "conformance.yunheng.io/pool";
const POOL = "wide";
const NARROW = { name: "narrow", vcpu: 4 };
const CATALOGUE = { name: "yunheng-images", namespace: "default" };

const record = recordingTo();

interface RealTarget extends ConformanceTarget {
  readonly kubeConfig: KubeConfig;
}

providerConformance<RealTarget>({
  name: "kubernetes, the real API server",
  supports: KUBERNETES_SUPPORTS,
  make: openTarget,
  tampering: ({ kubeConfig }) => kubernetesTampering(kubeConfig),
  patienceMs: 60_000,
  timeoutMs: 180_000,
  bulk: record === undefined ? { objects: 1_000, timeoutMs: 300_000 } : RECORDED_RUN.bulk,
});

if (record !== undefined) {
  const { kubeConfig } = clusterFromEnvironment();
  const setting = {
    open: { server: kubeConfig.getCurrentCluster()?.server ?? "" },
    secret: { token: kubeConfig.getCurrentUser()?.token ?? "" },
  };
  // What the played nodes do is the cluster's own doing.
  const ofTheNodes = /\/pods$|\/pods\/[^/]+(\/status|\/binding)?$|\/nodes\/[^/]+$|\/nodes$/;
  recordRun(
    record,
    "kube-apiserver 1.20.2",
    byHttp,
    () => setting,
    (url) => !ofTheNodes.test(url),
  );
}

async function openTarget(): Promise<RealTarget> {
  const { kubeConfig, prefix } = clusterFromEnvironment();
  const cluster = kubeConfig.getCurrentCluster();
  const user = kubeConfig.getCurrentUser();
  if (!cluster || !user) throw new Error("KUBECONFIG names no cluster or no user");
  const caCertificate = decoded(cluster.caData);
  const token = user.token;
  const connection = (credential: object, server = cluster.server) =>
    KubernetesConnection.parse({
      ...{ server, poolLabel: POOL_LABEL, ...credential },
      ...(caCertificate === undefined ? {} : { caCertificate }),
    });
  const credential =
    token !== undefined
      ? { token }
      : { clientCertificate: decoded(user.certData), clientKey: decoded(user.keyData) };
  const nodes = await playNodes(kubeConfig, [
    node(POOL, { cpu: "1000", memory: "4000Gi", pods: "1000" }),
    node(NARROW.name, { cpu: String(NARROW.vcpu), memory: "4000Gi", pods: "1000" }),
  ]);
  const core = kubeConfig.makeApiClient(CoreV1Api);
  await core.createNamespacedConfigMap({
    namespace: CATALOGUE.namespace,
    body: {
      metadata: {
        name: `${CATALOGUE.name}-${prefix}`,
        labels: { "yunheng.io/catalogue": "images", "kubernetes.io/arch": "arm64" },
      },
      data: { "kylin-v10-sp3": "registry.example/kylin:v10-sp3" },
    },
  });
  return {
    provider: kubernetesProvider(connection(credential)),
    other: kubernetesProvider(connection(credential)),
    intruder: kubernetesProvider(connection({ token: "token-of-an-intruder" })),
    dead: kubernetesProvider(connection(credential, "https://127.0.0.1:1")),
    secrets: ["token-of-an-intruder", ...(token === undefined ? [] : [token])],
    prefix,
    pool: POOL,
    narrowPool: NARROW,
    image: "kylin-v10-sp3",
    architecture: "kunpeng",
    kubeConfig,
    async close() {
      const { items } = await core.listNamespace();
      const left = items
        .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
        .flatMap(({ metadata }) => metadata?.name ?? [])
        .filter((name) => name.startsWith(prefix));
      const worker = async () => {
        for (let name = left.pop(); name !== undefined; name = left.pop())
          await core.deleteNamespace({ name });
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      await core.deleteNamespacedConfigMap({
        name: `${CATALOGUE.name}-${prefix}`,
        namespace: CATALOGUE.namespace,
      });
      await nodes.stop();
    },
  };
}

function node(pool: string, allocatable: Record<string, string>) {
  return {
    name: `conformance-${pool}`,
    labels: { [POOL_LABEL]: pool, "kubernetes.io/arch": "arm64" },
    allocatable,
  };
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString();
}
