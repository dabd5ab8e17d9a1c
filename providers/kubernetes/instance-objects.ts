import type { InstanceSpec } from "../port.ts";
import type { KubernetesConnection } from "./connection.ts";
import { ARCHITECTURE, instructionSet } from "./instruction-sets.ts";
import { ANNOTATION, LABEL, type Labels, labelValue, ownerLabels } from "./marks.ts";
import type { Selector } from "./pools.ts";
import { TENANCY } from "./tenancy-objects.ts";

/** What an instance is made of besides its spec. */
export interface InstanceSetting {
  readonly namespace: string;
  readonly clientToken: string;
  /** Of the image that the spec names. */
  readonly reference: string;
  readonly selector: Selector;
  /** By which its pods are found. */
  readonly labels: Labels;
  readonly container: string;
}

/** The name of the instance's disk. */
export function claimName(instance: string): string {
  return `${instance}-data`;
}

const DISK = "data";
/** The namespace's own default account is made by a controller, some moments after the namespace. */
const WITHOUT_TOKEN = { serviceAccountName: TENANCY, automountServiceAccountToken: false };
/** Sees to the same in the pod as the admission plugin demands of a namespace that is `restricted`. */
const POD_SECURITY = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
const CONTAINER_SECURITY = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

export function deploymentManifest(
  spec: InstanceSpec,
  setting: InstanceSetting,
  { podSecurity }: KubernetesConnection,
) {
  const { namespace, clientToken, reference, selector } = setting;
  const restricted = podSecurity === "restricted";
  const labels = { ...ownerLabels(spec.ownership), [LABEL.instance]: labelValue(spec.name) };
  const annotations = {
    [ANNOTATION.clientToken]: clientToken,
    [ANNOTATION.image]: spec.image,
    [ANNOTATION.imageReference]: reference,
  };
  const disk =
    spec.diskGiB === 0 ? null : { name: DISK, persistentVolumeClaim: { claimName: claimName(spec.name) } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: spec.name, namespace, labels, annotations },
    spec: {
      replicas: 1,
      // Its disk goes to one pod at a time, and its quota is not there twice.
      strategy: { type: "Recreate" },
      selector: { matchLabels: setting.labels },
      template: {
        metadata: { labels: { ...labels, ...setting.labels } },
        spec: {
          ...WITHOUT_TOKEN,
          nodeSelector: { ...selector, [ARCHITECTURE]: instructionSet(spec.architecture) },
          ...(restricted ? { securityContext: POD_SECURITY } : {}),
          containers: [
            {
              name: setting.container,
              image: reference,
              resources: resourcesFor({ cpu: spec.vcpu, memoryGiB: spec.memoryGiB }),
              ...(restricted ? { securityContext: CONTAINER_SECURITY } : {}),
              ...(disk === null ? {} : { volumeMounts: [{ name: DISK, mountPath: "/data" }] }),
            },
          ],
          ...(disk === null ? {} : { volumes: [disk] }),
        },
      },
    },
  };
}

export function claimManifest(spec: InstanceSpec, namespace: string, { storageClass }: KubernetesConnection) {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: claimName(spec.name),
      namespace,
      labels: { ...ownerLabels(spec.ownership), [LABEL.instance]: labelValue(spec.name) },
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: `${spec.diskGiB}Gi` } },
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
    },
  };
}

export interface Growth {
  readonly vcpu: number;
  readonly memoryGiB: number;
}

/** Never made: the API server is only asked whether it would admit one of that size. */
export function trialPod(
  name: string,
  reference: string,
  { vcpu, memoryGiB }: Growth,
  { podSecurity }: KubernetesConnection,
) {
  const restricted = podSecurity === "restricted";
  const container = {
    name: "main",
    image: reference,
    resources: resourcesFor({ cpu: vcpu, memoryGiB }),
    ...(restricted ? { securityContext: CONTAINER_SECURITY } : {}),
  };
  return {
    metadata: { generateName: `${name}-trial-` },
    spec: {
      ...WITHOUT_TOKEN,
      ...(restricted ? { securityContext: POD_SECURITY } : {}),
      containers: [container],
    },
  };
}

/** Guaranteed: nothing is promised twice. */
function resourcesFor({ cpu, memoryGiB }: { readonly cpu: number; readonly memoryGiB: number }) {
  const size = { cpu: String(cpu), memory: `${memoryGiB}Gi` };
  return { requests: size, limits: size };
}
