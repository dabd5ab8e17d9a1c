import type { V1Deployment } from "@kubernetes/client-node";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, InstanceSpec, ObservedInstance } from "../port.ts";
import type { Cluster } from "./cluster.ts";
import { selectorIn } from "./ensure-tenancy.ts";
import { referenceOf } from "./images.ts";
import {
  claimManifest,
  deploymentManifest,
  type Growth,
  type InstanceSetting,
  trialPod,
} from "./instance-objects.ts";
import { surroundings } from "./instances.ts";
import { LABEL, labelValue, managerOf, ownerOf, sameOwner } from "./marks.ts";
import { quotaInForce } from "./quota.ts";
import { existing, promised } from "./session.ts";
import { readNamespace } from "./tenancies.ts";
import { TENANCY } from "./tenancy-objects.ts";
import { isSuspended, isTerminating } from "./translate.ts";
import { type Surroundings, toInstance, troubleOf } from "./translate-instance.ts";

interface Task {
  readonly cluster: Cluster;
  readonly tenancy: string;
  readonly spec: InstanceSpec;
  readonly clientToken: string;
  readonly options: CallOptions | undefined;
}

/** A deployment of one pod, with a disk of its own. */
export async function ensureInstance(task: Task): Promise<ObservedInstance> {
  const { cluster, tenancy, spec, options } = task;
  const namespace = await readNamespace(cluster, tenancy, options);
  if (isTerminating(namespace)) throw conflict(`tenancy ${tenancy} is being removed`, "removing");
  if (isSuspended(namespace)) throw conflict(`tenancy ${tenancy} is suspended`, "suspended");
  const tenancyRef = promised(namespace.metadata?.uid, "metadata.uid");
  const found = await existing(readDeployment(task));
  const around = await surroundings(cluster, tenancy, tenancyRef, options);

  const setting = {
    namespace: tenancy,
    clientToken: task.clientToken,
    selector: selectorIn(namespace) ?? {},
  };
  if (found === null) {
    const reference = await referenceOf(cluster, spec.image, spec.architecture, options);
    await admit(task, reference, spec);
    return observed(task, await create(task, { ...setting, ...shapeOf(spec), reference }), tenancyRef);
  }
  const seen = toInstance(found, around);
  assertUsable(seen, spec);
  if (isSameSize(seen, spec)) {
    await assertProspects(task, found, around);
    return seen;
  }
  if (spec.diskGiB < seen.diskGiB) {
    throw new ProviderFault("Invalid", `the disk of ${spec.name} cannot become smaller`);
  }
  const reference = imageReferenceOf(found);
  await admit(task, reference, growthOf(found, seen, spec));
  const made = await apply(task, { ...setting, ...shapeOf(spec, found), reference }, found);
  return observed(task, made, tenancyRef);
}

/** Adopted ones keep what made them findable; these fields cannot be changed, or would add a container. */
function shapeOf(
  { name }: InstanceSpec,
  found?: V1Deployment,
): Pick<InstanceSetting, "labels" | "container"> {
  return {
    labels: found?.spec?.selector.matchLabels ?? { [LABEL.instance]: labelValue(name) },
    container: found?.spec?.template.spec?.containers[0]?.name ?? "main",
  };
}

function imageReferenceOf({ spec }: V1Deployment): string {
  return promised(spec?.template.spec?.containers[0]?.image, "image");
}

function readDeployment({ cluster, tenancy, spec, options }: Task): Promise<V1Deployment> {
  const { apps, call } = cluster.session;
  const request = { namespace: tenancy, name: spec.name };
  return call(options, (config) => apps.readNamespacedDeployment(request, config));
}

async function observed(task: Task, made: V1Deployment, tenancyRef: string): Promise<ObservedInstance> {
  const { cluster, tenancy, options } = task;
  return toInstance(made, await surroundings(cluster, tenancy, tenancyRef, options));
}

/** Whoever comes second with the same name and another owner meets the first one's fields. */
async function create(task: Task, setting: InstanceSetting): Promise<V1Deployment> {
  try {
    return await apply(task, setting, null);
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.kind !== "Conflict") throw error;
    const found = await existing(readDeployment(task));
    if (found === null || !sameOwner(ownerOf(found.metadata?.labels), task.spec.ownership)) throw error;
    return apply(task, { ...setting, ...shapeOf(task.spec, found) }, found);
  }
}

async function apply(
  { cluster, tenancy, spec, options }: Task,
  setting: InstanceSetting,
  over: V1Deployment | null,
): Promise<V1Deployment> {
  const { session, connection } = cluster;
  const { core, apps, patch } = session;
  const common = { namespace: tenancy, fieldManager: managerOf(spec.ownership), force: over !== null };
  // The disk first: where there is no room for it, nothing else is made either.
  if (spec.diskGiB > 0) {
    const claim = claimManifest(spec, tenancy, connection);
    const request = { ...common, name: claim.metadata.name, body: claim };
    await patch(options, "ServerSideApply", (config) =>
      core.patchNamespacedPersistentVolumeClaim(request, config),
    );
  }
  const { metadata, ...rest } = deploymentManifest(spec, setting, connection);
  const uid = over === null ? {} : { uid: promised(over.metadata?.uid, "metadata.uid") };
  const request = { ...common, name: spec.name, body: { ...rest, metadata: { ...metadata, ...uid } } };
  return patch(options, "ServerSideApply", (config) => apps.patchNamespacedDeployment(request, config));
}

function assertUsable(seen: ObservedInstance, spec: InstanceSpec): void {
  if (!sameOwner(seen.ownership, spec.ownership)) {
    throw conflict(`instance ${seen.name} belongs to somebody else`, "foreign_owner");
  }
  if (seen.state === "removing") throw conflict(`instance ${seen.name} is being removed`, "removing");
  if (seen.image !== spec.image) {
    throw conflict(`instance ${spec.name} runs ${seen.image}; remove it first`, "other_image");
  }
}

/** A deployment is taken whatever its pods will meet, so the API server is asked about a pod beforehand. */
async function admit(
  { cluster, tenancy, spec, options }: Task,
  reference: string,
  growth: Growth,
): Promise<void> {
  const { core, call } = cluster.session;
  if (growth.vcpu === 0 && growth.memoryGiB === 0) return;
  const body = trialPod(spec.name, reference, growth, cluster.connection);
  const request = { namespace: tenancy, body, dryRun: "All" };
  try {
    await call(options, (config) => core.createNamespacedPod(request, config));
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.vendorCode !== "exceeded_quota") throw error;
    const named = { namespace: tenancy, name: TENANCY };
    const quota = await existing(call(options, (config) => core.readNamespacedResourceQuota(named, config)));
    if (quota === null || quotaInForce(quota)) throw error;
    // It was refused by figures that are about to change.
    throw new ProviderFault("Unavailable", "the cloud has not taken up the quota yet", {
      cause: error,
      vendorCode: "quota_pending",
    });
  }
}

/** What the new pod takes beyond the old one, which goes first; everything where none is there. */
function growthOf({ status }: V1Deployment, seen: ObservedInstance, spec: InstanceSpec): Growth {
  if ((status?.replicas ?? 0) === 0) return spec;
  return {
    vcpu: Math.max(0, spec.vcpu - seen.vcpu),
    memoryGiB: Math.max(0, spec.memoryGiB - seen.memoryGiB),
  };
}

/** It was accepted and cannot run: says so in the port's words, unless there is room by now. */
async function assertProspects(task: Task, found: V1Deployment, around: Surroundings): Promise<void> {
  const trouble = troubleOf(found, around.pods);
  if (trouble?.kind === "pool") {
    throw new ProviderFault("Capacity", `pool has no room for ${task.spec.name}`, {
      cause: { message: trouble.message },
      vendorCode: "unschedulable",
    });
  }
  if (trouble?.kind === "quota") {
    await admit(task, imageReferenceOf(found), task.spec);
  }
}

function isSameSize(seen: ObservedInstance, spec: InstanceSpec): boolean {
  return seen.vcpu === spec.vcpu && seen.memoryGiB === spec.memoryGiB && seen.diskGiB === spec.diskGiB;
}

function conflict(message: string, vendorCode: string): ProviderFault {
  return new ProviderFault("Conflict", message, { vendorCode });
}
