import { isObject, type Json, type JsonObject, partOf } from "./objects.ts";
import { CLAIMS, DEPLOYMENTS, NAMESPACES, NODES, PODS, QUOTAS, type Resource, SECRETS } from "./resources.ts";

const POD = {
  restartPolicy: "Always",
  terminationGracePeriodSeconds: 30,
  dnsPolicy: "ClusterFirst",
  securityContext: {},
  schedulerName: "default-scheduler",
};

const ADMITTED = {
  tolerations: ["not-ready", "unreachable"].map((state) => ({
    ...{
      key: `node.kubernetes.io/${state}`,
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds: 300,
    },
  })),
  priority: 0,
  enableServiceLinks: true,
  preemptionPolicy: "PreemptLowerPriority",
};

const DEPLOYMENT = {
  replicas: 1,
  strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
  revisionHistoryLimit: 10,
  progressDeadlineSeconds: 600,
};

const NODE_STATUS = {
  daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
  nodeInfo: Object.fromEntries(
    [
      ...["machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion"],
      ...["kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture"],
    ].map((name) => [name, ""]),
  ),
};

/** What the API server adds to what it is given; `fresh` for an object that is being made. */
export function withDefaults(resource: Resource, object: JsonObject, fresh: boolean): JsonObject {
  const spec = partOf(object, "spec");
  const status = partOf(object, "status");
  switch (resource) {
    case NAMESPACES:
      return {
        ...object,
        spec: { finalizers: ["kubernetes"], ...spec },
        status: { phase: "Active", ...status },
      };
    case NODES: {
      const taints = [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }];
      return { ...object, spec: fresh ? { taints, ...spec } : spec, status: { ...NODE_STATUS, ...status } };
    }
    case PODS: {
      const quality = { phase: "Pending", qosClass: qualityOf(spec) };
      return { ...object, spec: { ...podSpec(spec), ...admitted(spec) }, status: { ...quality, ...status } };
    }
    case DEPLOYMENTS: {
      const template = partOf(spec, "template");
      const metadata = { creationTimestamp: null, ...partOf(template, "metadata") };
      const filled = { ...template, metadata, spec: podSpec(partOf(template, "spec")) };
      return { ...object, spec: { ...DEPLOYMENT, ...spec, template: filled }, status };
    }
    case CLAIMS:
      return {
        ...object,
        spec: { volumeMode: "Filesystem", ...spec },
        status: { phase: "Pending", ...status },
      };
    case QUOTAS:
      return { ...object, status };
    case SECRETS:
      return { type: "Opaque", ...object };
    default:
      return object;
  }
}

function podSpec(spec: JsonObject): JsonObject {
  const containers = spec.containers;
  return {
    ...POD,
    ...spec,
    ...(Array.isArray(containers) ? { containers: containers.map(withContainerDefaults) } : {}),
  };
}

function admitted(spec: JsonObject): JsonObject {
  const account = spec.serviceAccountName ?? "default";
  return { ...ADMITTED, serviceAccountName: account, serviceAccount: account, ...given(spec, ADMITTED) };
}

function given(spec: JsonObject, names: object): JsonObject {
  return Object.fromEntries(Object.entries(spec).filter(([name]) => name in names));
}

function withContainerDefaults(container: Json): Json {
  if (!isObject(container)) return container;
  const image = typeof container.image === "string" ? container.image : "";
  // An image without a tag is the latest, which may be another one tomorrow.
  const latest = !/[:@][^/]+$/.test(image) || image.endsWith(":latest");
  const { requests = {}, limits, ...rest } = partOf(container, "resources");
  return {
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: latest ? "Always" : "IfNotPresent",
    ...container,
    resources: {
      ...rest,
      ...(limits === undefined ? {} : { limits }),
      // What is limited and asks for nothing asks for its limit.
      ...(isObject(limits) && isObject(requests) ? { requests: { ...limits, ...requests } } : {}),
      ...(limits === undefined && Object.keys(requests ?? {}).length > 0 ? { requests } : {}),
    },
  };
}

function qualityOf(spec: JsonObject): string {
  const resources = Array.isArray(spec.containers)
    ? spec.containers.map((container: Json) => partOf(container, "resources"))
    : [];
  const named = resources.filter((one) => Object.keys(one).length > 0);
  if (named.length === 0) return "BestEffort";
  const guaranteed = resources.every((one) => {
    const [limits, requests] = [partOf(one, "limits"), partOf(one, "requests")];
    return ["cpu", "memory"].every(
      (name) => limits[name] !== undefined && (requests[name] ?? limits[name]) === limits[name],
    );
  });
  return guaranteed ? "Guaranteed" : "Burstable";
}
