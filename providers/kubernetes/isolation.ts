import type {
  V1NetworkPolicy,
  V1NetworkPolicyIngressRule,
  V1NetworkPolicyPeer,
} from "@kubernetes/client-node";

/** Denies everything, both ways; what is allowed is added by other policies. */
export const DEFAULT_DENY = "default-deny";
/** Pods of one tenancy reach each other and the cluster's names. */
export const INSIDE = "inside";

export function denySpec() {
  return { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
}

export function insideSpec() {
  const names = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } };
  const ports = ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 }));
  return {
    podSelector: {},
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [{ podSelector: {} }] }],
    egress: [{ to: [{ podSelector: {} }] }, { to: [names], ports }],
  };
}

/** True while the default is to deny and nobody has opened the tenancy to everyone. */
export function isolatedBy(policies: readonly V1NetworkPolicy[]): boolean {
  return policies.some(deniesAll) && !policies.some(admitsEveryone);
}

/** Every pod is meant and nothing is let in or out. */
function deniesAll({ metadata, spec }: V1NetworkPolicy): boolean {
  if (metadata?.name !== DEFAULT_DENY || spec === undefined) return false;
  const types = spec.policyTypes ?? ["Ingress"];
  return (
    selectsAll(spec.podSelector) &&
    types.includes("Ingress") &&
    types.includes("Egress") &&
    (spec.ingress ?? []).length === 0 &&
    (spec.egress ?? []).length === 0
  );
}

/** To any peer that is named, a department may open its pods; to everyone, only the province may. */
export function admitsEveryone({ spec }: V1NetworkPolicy): boolean {
  const types = spec?.policyTypes ?? ["Ingress"];
  return types.includes("Ingress") && (spec?.ingress ?? []).some(isOpen);
}

function isOpen(rule: V1NetworkPolicyIngressRule): boolean {
  // The client calls it `_from`, since `from` is a word of other languages.
  const peers = rule._from ?? [];
  return peers.length === 0 || peers.some(isEveryone);
}

function isEveryone({ ipBlock, namespaceSelector }: V1NetworkPolicyPeer): boolean {
  if (ipBlock !== undefined) return /\/0$/.test(ipBlock.cidr);
  return namespaceSelector !== undefined && selectsAll(namespaceSelector);
}

function selectsAll(selector: { matchLabels?: object; matchExpressions?: unknown[] } | undefined): boolean {
  return (
    Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0
  );
}
