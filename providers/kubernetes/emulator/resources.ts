/** A kind of object that the emulated API serves. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const core = (plural: string, kind: string, namespaced = true): Resource => ({
  ...{ group: "", plural, kind, namespaced },
});

export const NAMESPACES = core("namespaces", "Namespace", false);
export const NODES = core("nodes", "Node", false);
export const PODS = core("pods", "Pod");
export const QUOTAS = core("resourcequotas", "ResourceQuota");
export const LIMIT_RANGES = core("limitranges", "LimitRange");
export const SERVICE_ACCOUNTS = core("serviceaccounts", "ServiceAccount");
export const SECRETS = core("secrets", "Secret");
export const CONFIG_MAPS = core("configmaps", "ConfigMap");
export const CLAIMS = core("persistentvolumeclaims", "PersistentVolumeClaim");
export const SERVICES = core("services", "Service");
export const DEPLOYMENTS: Resource = {
  ...{ group: "apps", plural: "deployments", kind: "Deployment", namespaced: true },
};
export const POLICIES: Resource = {
  ...{ group: "networking.k8s.io", plural: "networkpolicies", kind: "NetworkPolicy", namespaced: true },
};
export const BINDINGS: Resource = {
  ...{ group: "rbac.authorization.k8s.io", plural: "rolebindings", kind: "RoleBinding", namespaced: true },
};
export const CLUSTER_BINDINGS: Resource = {
  ...{ group: "rbac.authorization.k8s.io", plural: "clusterrolebindings", kind: "ClusterRoleBinding" },
  namespaced: false,
};
export const STORAGE_CLASSES: Resource = {
  ...{ group: "storage.k8s.io", plural: "storageclasses", kind: "StorageClass", namespaced: false },
};

export const RESOURCES: readonly Resource[] = [
  NAMESPACES,
  NODES,
  PODS,
  QUOTAS,
  LIMIT_RANGES,
  SERVICE_ACCOUNTS,
  SECRETS,
  CONFIG_MAPS,
  CLAIMS,
  SERVICES,
  DEPLOYMENTS,
  POLICIES,
  BINDINGS,
  CLUSTER_BINDINGS,
  STORAGE_CLASSES,
];

export function apiVersionOf({ group }: Resource): string {
  return group === "" ? "v1" : `${group}/v1`;
}

/** What an address means. */
export interface Target {
  readonly resource: Resource;
  /** Null for the whole cluster. */
  readonly namespace: string | null;
  /** Null for a list. */
  readonly name: string | null;
  readonly subresource: string | null;
}

/** Null where the API serves nothing under that path. */
export function targetOf(path: string): Target | null {
  const match = /^\/(?:api\/v1|apis\/([a-z0-9.]+)\/v1)\/(.+)$/.exec(path);
  if (match === null) return null;
  const [, group = "", rest = ""] = match;
  const segments = rest.split("/").map(decodeURIComponent);
  const [first, second, third] = segments;
  const inside = first === "namespaces" && third !== undefined ? find(group, third, true) : undefined;
  if (inside !== undefined && second !== undefined) return target(inside, second, segments.slice(3));
  const resource = find(group, first, undefined);
  return resource === undefined ? null : target(resource, null, segments.slice(1));
}

function find(group: string, plural: string | undefined, namespaced: boolean | undefined) {
  return RESOURCES.find(
    (resource) =>
      resource.group === group &&
      resource.plural === plural &&
      (namespaced === undefined || resource.namespaced === namespaced),
  );
}

function target(resource: Resource, namespace: string | null, rest: readonly string[]): Target | null {
  if (rest.length > 2) return null;
  return { resource, namespace, name: rest[0] ?? null, subresource: rest[1] ?? null };
}
