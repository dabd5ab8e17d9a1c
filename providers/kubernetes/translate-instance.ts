import type { V1Container, V1Deployment, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import type { ObservedInstance } from "../port.ts";
import { ANNOTATION, ownerOf } from "./marks.ts";
import { CORE, GIB, nanosOf, sumOf, wholeUp } from "./quantity.ts";
import { promised } from "./session.ts";

/** What lies around a deployment in its namespace. */
export interface Surroundings {
  readonly tenancyRef: string;
  readonly pods: readonly V1Pod[];
  readonly claims: readonly V1PersistentVolumeClaim[];
}

/** Also of deployments that the department has made by itself, with any number of pods. */
export function toInstance(deployment: V1Deployment, around: Surroundings): ObservedInstance {
  const metadata = promised(deployment.metadata, "metadata");
  const spec = promised(deployment.spec, "spec");
  const containers = spec.template.spec?.containers ?? [];
  // A suspended instance keeps its size.
  const copies = BigInt(Math.max(1, spec.replicas ?? 1));
  const pods = around.pods.filter((pod) => belongsTo(pod, deployment));
  return {
    ref: promised(metadata.uid, "metadata.uid"),
    tenancyRef: around.tenancyRef,
    name: promised(metadata.name, "metadata.name"),
    ownership: ownerOf(metadata.labels),
    ...stateOf(deployment, pods),
    vcpu: wholeUp(copies * sumOf(containers.map((container) => sizeOf(container, "cpu"))), CORE),
    memoryGiB: wholeUp(copies * sumOf(containers.map((container) => sizeOf(container, "memory"))), GIB),
    diskGiB: wholeUp(diskOf(deployment, around.claims), GIB),
    image: imageOf(deployment),
    message: troubleOf(deployment, pods)?.message ?? null,
  };
}

function stateOf(deployment: V1Deployment, pods: readonly V1Pod[]): Pick<ObservedInstance, "state"> {
  const { metadata, spec, status } = deployment;
  const wanted = spec?.replicas ?? 1;
  if (metadata?.deletionTimestamp !== undefined) return { state: "removing" };
  if (wanted === 0) return { state: (status?.replicas ?? 0) === 0 ? "stopped" : "active" };
  const seen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 1);
  const current = Math.min(status?.updatedReplicas ?? 0, status?.availableReplicas ?? 0);
  // Pods of an older template that still run count as well, hence the third figure.
  if (seen && current >= wanted && (status?.replicas ?? 0) <= wanted) return { state: "active" };
  return { state: troubleOf(deployment, pods) === null ? "creating" : "error" };
}

export interface Trouble {
  readonly kind: "quota" | "pool" | "other";
  readonly message: string;
}

/** Why it does not run; null while nothing speaks against it. */
export function troubleOf({ status }: V1Deployment, pods: readonly V1Pod[]): Trouble | null {
  for (const { type, status: is, reason, message = "" } of status?.conditions ?? []) {
    if (type === "ReplicaFailure" && is === "True") {
      return { kind: /exceeded quota/.test(message) ? "quota" : "other", message };
    }
    if (type === "Progressing" && is === "False" && reason === "ProgressDeadlineExceeded") {
      return { kind: "other", message };
    }
  }
  for (const pod of pods) {
    const trouble = troubleOfPod(pod);
    if (trouble !== null) return trouble;
  }
  return null;
}

/** Reasons of a waiting container that do not pass by themselves. */
const STUCK = /^(ErrImagePull|ImagePullBackOff|InvalidImageName|CrashLoopBackOff|CreateContainer\w*Error)$/;

function troubleOfPod({ status }: V1Pod): Trouble | null {
  const scheduled = status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False" && scheduled.reason === "Unschedulable") {
    return { kind: "pool", message: scheduled.message ?? "unschedulable" };
  }
  for (const { state } of status?.containerStatuses ?? []) {
    const reason = state?.waiting?.reason ?? "";
    if (STUCK.test(reason)) return { kind: "other", message: `${reason}: ${state?.waiting?.message ?? ""}` };
  }
  return null;
}

/** By the labels that the deployment looks for, as its controller does it. */
function belongsTo({ metadata }: V1Pod, deployment: V1Deployment): boolean {
  const wanted = Object.entries(deployment.spec?.selector.matchLabels ?? {});
  return wanted.length > 0 && wanted.every(([label, value]) => metadata?.labels?.[label] === value);
}

/** Somebody may have put another image in place of the one that was asked for: that is then the one. */
function imageOf({ metadata, spec }: V1Deployment): string {
  const running = spec?.template.spec?.containers[0]?.image ?? "";
  const asked = metadata?.annotations?.[ANNOTATION.image];
  const reference = metadata?.annotations?.[ANNOTATION.imageReference];
  return asked !== undefined && reference === running ? asked : running;
}

function sizeOf({ resources }: V1Container, resource: string): string | undefined {
  return resources?.limits?.[resource] ?? resources?.requests?.[resource];
}

function diskOf({ spec }: V1Deployment, claims: readonly V1PersistentVolumeClaim[]): bigint {
  const used = new Set(
    spec?.template.spec?.volumes?.flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []),
  );
  return claims
    .filter(({ metadata }) => used.has(metadata?.name ?? ""))
    .reduce((sum, claim) => sum + sizeOfClaim(claim), 0n);
}

export function sizeOfClaim({ spec }: V1PersistentVolumeClaim): bigint {
  return nanosOf(spec?.resources?.requests?.storage ?? "0");
}
