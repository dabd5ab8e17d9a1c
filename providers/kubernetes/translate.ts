import type {
  V1LimitRange,
  V1Namespace,
  V1NetworkPolicy,
  V1ResourceQuota,
  V1RoleBinding,
} from "@kubernetes/client-node";
import type { ObservedTenancy, ProviderNetwork, TenancySpec } from "../port.ts";
import type { KubernetesConnection } from "./connection.ts";
import { isolatedBy } from "./isolation.ts";
import { ANNOTATION, LABEL, ownerOf } from "./marks.ts";
import { quotaIn, quotaInForce } from "./quota.ts";
import { promised } from "./session.ts";

/** What makes a namespace a tenancy; null where somebody has taken it away. */
export interface TenancyParts {
  readonly quota: V1ResourceQuota | null;
  readonly limits: V1LimitRange | null;
  readonly binding: V1RoleBinding | null;
  readonly policies: readonly V1NetworkPolicy[];
}

export const NO_PARTS: TenancyParts = { quota: null, limits: null, binding: null, policies: [] };

export function toTenancy(
  namespace: V1Namespace,
  parts: TenancyParts,
  connection: KubernetesConnection,
): ObservedTenancy {
  const metadata = promised(namespace.metadata, "metadata");
  const ownership = ownerOf(metadata.labels);
  const quota = parts.quota === null ? null : quotaIn(parts.quota, connection.gpuResource);
  const { state, message } = stateOf(namespace, parts, ownership !== null, quota !== null);
  return {
    ref: promised(metadata.uid, "metadata.uid"),
    name: promised(metadata.name, "metadata.name"),
    ownership,
    state,
    displayName: metadata.annotations?.[ANNOTATION.displayName] ?? "",
    pool: metadata.labels?.[LABEL.pool] ?? "",
    zone: zoneIn(metadata.labels?.[LABEL.zone]),
    quota: quota ?? {},
    accessGroup: groupIn(parts.binding, connection),
    isolated: isolatedBy(parts.policies) && hasPodSecurity(namespace, connection),
    message,
  };
}

function zoneIn(label: string | undefined): TenancySpec["zone"] | null {
  return label === "internet" || label === "extranet" || label === "dedicated" ? label : null;
}

function stateOf(
  namespace: V1Namespace,
  { quota, limits }: TenancyParts,
  ours: boolean,
  quotaReadable: boolean,
): Pick<ObservedTenancy, "state" | "message"> {
  if (isTerminating(namespace)) return { state: "removing", message: whatRemains(namespace) };
  if (!ours) return { state: "active", message: null };
  if (!quotaReadable) return { state: "error", message: "the resource quota is missing or was changed" };
  if (limits === null) return { state: "error", message: "the limit range is missing" };
  if (quota !== null && !quotaInForce(quota)) return { state: "creating", message: null };
  return { state: isSuspended(namespace) ? "suspended" : "active", message: null };
}

export function isTerminating({ metadata, status }: V1Namespace): boolean {
  return metadata?.deletionTimestamp !== undefined || status?.phase === "Terminating";
}

export function isSuspended({ metadata }: V1Namespace): boolean {
  return metadata?.annotations?.[ANNOTATION.suspended] === "true";
}

/** Why a removal takes its time, such as a finalizer that nobody serves. */
function whatRemains({ status }: V1Namespace): string | null {
  const holding = status?.conditions?.filter((condition) => condition.status === "True") ?? [];
  const messages = holding.flatMap(({ message }) => (message ? [message] : []));
  return messages.length === 0 ? null : messages.join("; ");
}

function hasPodSecurity({ metadata }: V1Namespace, { podSecurity }: KubernetesConnection): boolean {
  return metadata?.labels?.["pod-security.kubernetes.io/enforce"] === podSecurity;
}

/** Null also where the binding gives another role, or gives it to others too. */
function groupIn(
  binding: V1RoleBinding | null,
  { accessRole, groupPrefix }: KubernetesConnection,
): string | null {
  const groups = binding?.subjects?.filter(({ kind }) => kind === "Group") ?? [];
  const [group] = groups;
  if (group === undefined || groups.length > 1 || binding?.roleRef.name !== accessRole) return null;
  return group.name.startsWith(groupPrefix) ? group.name.slice(groupPrefix.length) : null;
}

/** Pods of a namespace share one network, bounded by its policies. */
export function toNetwork(namespace: V1Namespace, policies: readonly V1NetworkPolicy[]): ProviderNetwork {
  const uid = promised(namespace.metadata?.uid, "metadata.uid");
  const name = promised(namespace.metadata?.name, "metadata.name");
  return { ref: uid, tenancyRef: uid, name, isolated: isolatedBy(policies) };
}
