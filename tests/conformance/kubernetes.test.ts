import { KubernetesConnection } from "../../providers/kubernetes/connection.ts";
import { kubernetesKind } from "../../providers/kubernetes/emulator.ts";
import { kubernetesProvider } from "../../providers/kubernetes/provider.ts";
import { quotaObject } from "../../providers/kubernetes/quota.ts";
import { served } from "../support/emulation.ts";
import { KUBERNETES_SUPPORTS } from "./kubernetes-supports.ts";
import { providerConformance } from "./provider.ts";
import type { ConformanceTarget, FaultScript, FaultyCall, Tampering, Ways } from "./target.ts";

const TOKEN = "conformance-token";
const WRONG_TOKEN = "token-of-an-intruder";
const CLUSTER = "gd-provincial";
const POOL_LABEL = "yunheng.io/pool";

interface EmulatedTarget extends ConformanceTarget {
  readonly url: string;
  readonly send: (method: string, path: string, body?: unknown, type?: string) => Promise<number>;
  readonly admin: (method: string, path: string, body?: unknown) => Promise<void>;
}

providerConformance<EmulatedTarget>({
  name: "kubernetes",
  supports: KUBERNETES_SUPPORTS,
  make: startTarget,
  faults: faultScript,
  tampering,
  ways,
  expireTokens: ({ admin }) => admin("DELETE", "/tokens"),
});

function connection(server: string, more: object = {}) {
  // The adapter's own short-lived tokens, so that their end can be tested.
  const renewal = { serviceAccount: "kube-system/default", tokenSeconds: 600 };
  return KubernetesConnection.parse({ server, token: TOKEN, poolLabel: POOL_LABEL, ...renewal, ...more });
}

async function startTarget(): Promise<EmulatedTarget> {
  const plenty = { MEMORY_GIB: 1_048_576 };
  const kind = kubernetesKind({
    token: TOKEN,
    dataDir: null,
    delayMs: { min: 1, max: 5 },
    clock: { now: () => new Date() },
    clouds: [
      {
        id: CLUSTER,
        pools: [
          { name: "wide", architecture: "kunpeng", total: { VCPU: 5_000, ...plenty } },
          { name: "narrow", architecture: "kunpeng", total: { VCPU: 4, ...plenty } },
        ],
      },
    ],
  });
  const emulator = await served(kind);
  const send = async (method: string, path: string, body?: unknown, type = "application/json") => {
    const response = await fetch(`${emulator.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok && response.status !== 404)
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return response.status;
  };
  // The account behind the renewed tokens may do what the administrator may.
  await send("POST", `/kubernetes/${CLUSTER}/apis/rbac.authorization.k8s.io/v1/clusterrolebindings`, {
    metadata: { name: "yunheng" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "ServiceAccount", name: "default", namespace: "kube-system" }],
  });
  const url = `${emulator.url}/kubernetes/${CLUSTER}`;
  return {
    provider: kubernetesProvider(connection(url)),
    other: kubernetesProvider(connection(url)),
    intruder: kubernetesProvider(connection(url, { token: WRONG_TOKEN })),
    dead: kubernetesProvider(connection("http://127.0.0.1:1")),
    secrets: [TOKEN, WRONG_TOKEN],
    prefix: "cf",
    pool: "wide",
    narrowPool: { name: "narrow", vcpu: 4 },
    image: "kylin-v10-sp3",
    architecture: "kunpeng",
    url,
    send,
    admin: (method, path, body) => emulator.admin(method, `${CLUSTER}${path}`, body),
    close: () => emulator.close(),
  };
}

const NAMESPACES = "/api/v1/namespaces";
const MATCHES: Readonly<Record<FaultyCall, { method?: string; pathPrefix?: string }>> = {
  any: {},
  "create-tenancy": { method: "PATCH", pathPrefix: `${NAMESPACES}/` },
  // What is asked of the API server first for an instance: whether it would admit its pod.
  "create-instance": { method: "PATCH", pathPrefix: "/apis/apps/v1/namespaces/" },
  "remove-tenancy": { method: "DELETE", pathPrefix: `${NAMESPACES}/` },
  "list-tenancies": { method: "GET", pathPrefix: NAMESPACES },
};

function faultScript({ admin }: EmulatedTarget): FaultScript {
  return {
    inject: (fault, call, count) => admin("POST", "/faults", { fault, match: MATCHES[call], count }),
    clear: () => admin("DELETE", "/faults"),
  };
}

function tampering({ send }: EmulatedTarget): Tampering {
  const at = (path: string) => `/kubernetes/${CLUSTER}${path}`;
  const untilGone = async (path: string) => {
    while ((await send("GET", path)) !== 404) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return {
    async setQuota(tenancy, quota) {
      const { hard } = quotaObject(quota, "nvidia.com/gpu", false);
      const path = at(`${NAMESPACES}/${tenancy}/resourcequotas/tenancy`);
      await send("PATCH", path, { spec: { hard } }, "application/merge-patch+json");
    },
    async openNetwork(tenancy) {
      const body = { metadata: { name: "open" }, spec: { podSelector: {}, ingress: [{}] } };
      await send("POST", at(`/apis/networking.k8s.io/v1/namespaces/${tenancy}/networkpolicies`), body);
    },
    async destroyTenancy(tenancy) {
      await send("DELETE", at(`${NAMESPACES}/${tenancy}`));
      await untilGone(at(`${NAMESPACES}/${tenancy}`));
    },
    async destroyInstance(tenancy, instance) {
      await send("DELETE", at(`/apis/apps/v1/namespaces/${tenancy}/deployments/${instance}`));
    },
    async createForeign(name) {
      await send("POST", at(NAMESPACES), { metadata: { name } });
    },
  };
}

function ways({ url }: EmulatedTarget): Ways {
  return {
    url,
    connect: (way) =>
      kubernetesProvider(
        connection(way.url, {
          ...(way.ca === undefined ? {} : { caCertificate: way.ca }),
          ...(way.proxy === undefined ? {} : { proxy: way.proxy }),
        }),
      ),
  };
}
