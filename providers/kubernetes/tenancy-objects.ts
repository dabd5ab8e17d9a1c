import type { TenancySpec } from "../port.ts";
import type { KubernetesConnection } from "./connection.ts";
import { DEFAULT_DENY, denySpec, INSIDE, insideSpec } from "./isolation.ts";
import { ANNOTATION, LABEL, labelValue, ownerLabels } from "./marks.ts";
import type { Selector } from "./pools.ts";
import { quotaObject } from "./quota.ts";

/** Quota, limits, service account and binding bear this name in every namespace. */
export const TENANCY = "tenancy";

const POD_SECURITY_MODES = ["enforce", "audit", "warn"];
/** What a container gets that says nothing: with a quota on it, it would be refused. */
const CONTAINER_DEFAULT = { cpu: "500m", memory: "512Mi" };

/** What is sent in a server-side apply; the client takes any object there. */
export interface Applied {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string };
}

export interface NamespaceState {
  readonly clientToken: string;
  readonly selector: Selector;
  readonly suspended: boolean;
}

export function namespaceObject(
  spec: TenancySpec,
  { podSecurity }: KubernetesConnection,
  { clientToken, selector, suspended }: NamespaceState,
): Applied {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: spec.name,
      labels: {
        ...ownerLabels(spec.ownership),
        [LABEL.pool]: labelValue(spec.pool),
        [LABEL.zone]: spec.zone,
        ...Object.fromEntries(
          POD_SECURITY_MODES.map((mode) => [`pod-security.kubernetes.io/${mode}`, podSecurity]),
        ),
      },
      annotations: {
        [ANNOTATION.displayName]: spec.displayName,
        [ANNOTATION.clientToken]: clientToken,
        [ANNOTATION.nodeSelector]: selectorText(selector),
        ...(suspended ? { [ANNOTATION.suspended]: "true" } : {}),
      },
    },
  };
}

export function quotaManifest(spec: TenancySpec, { gpuResource }: KubernetesConnection) {
  const { hard, annotations } = quotaObject(spec.quota, gpuResource, spec.suspended);
  const metadata = { ...inside(spec, TENANCY), annotations };
  return { apiVersion: "v1", kind: "ResourceQuota", metadata, spec: { hard } };
}

export function limitRangeManifest(spec: TenancySpec) {
  const container = { type: "Container", default: CONTAINER_DEFAULT, defaultRequest: CONTAINER_DEFAULT };
  const metadata = inside(spec, TENANCY);
  return { apiVersion: "v1", kind: "LimitRange", metadata, spec: { limits: [container] } };
}

export function policyManifests(spec: TenancySpec) {
  return [
    { name: DEFAULT_DENY, policy: denySpec() },
    { name: INSIDE, policy: insideSpec() },
  ].map(({ name, policy }) => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: inside(spec, name),
    spec: policy,
  }));
}

export function serviceAccountManifest(spec: TenancySpec) {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: inside(spec, TENANCY),
    // Tokens are asked for one by one and end by themselves; none lies about in a pod.
    automountServiceAccountToken: false,
  };
}

/** The department's people by their group, and its programs by the service account. */
export function bindingManifest(spec: TenancySpec, { accessRole, groupPrefix }: KubernetesConnection) {
  const apiGroup = "rbac.authorization.k8s.io";
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: "RoleBinding",
    metadata: inside(spec, TENANCY),
    roleRef: { apiGroup, kind: "ClusterRole", name: accessRole },
    subjects: [
      { apiGroup, kind: "Group", name: `${groupPrefix}${spec.accessGroup}` },
      { kind: "ServiceAccount", name: TENANCY, namespace: spec.name },
    ],
  };
}

/** As PodNodeSelector reads it. */
function selectorText(selector: Selector): string {
  return Object.entries(selector)
    .map(([label, value]) => `${label}=${value}`)
    .join(",");
}

function inside(spec: TenancySpec, name: string) {
  return { name, namespace: spec.name, labels: ownerLabels(spec.ownership) };
}
