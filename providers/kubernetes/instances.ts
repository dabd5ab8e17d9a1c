import type { V1Deployment, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, ObservedInstance, Page, PageOptions, ProviderQuantities } from "../port.ts";
import type { Cluster } from "./cluster.ts";
import { claimName } from "./instance-objects.ts";
import { ownerOf } from "./marks.ts";
import { everyItem, pageOf, positionOf } from "./pages.ts";
import { heldBy, isLive } from "./pods.ts";
import { CORE, GIB, wholeUp } from "./quantity.ts";
import { existing, promised } from "./session.ts";
import { readNamespace } from "./tenancies.ts";
import { type Surroundings, sizeOfClaim, toInstance } from "./translate-instance.ts";

export async function listInstances(
  cluster: Cluster,
  tenancy: string,
  options: PageOptions | undefined,
): Promise<Page<ObservedInstance>> {
  const { apps, call } = cluster.session;
  const tenancyRef = await refOf(cluster, tenancy, options);
  const request = { namespace: tenancy, ...positionOf(options) };
  const [list, around] = await Promise.all([
    call(options, (config) => apps.listNamespacedDeployment(request, config)),
    surroundings(cluster, tenancy, tenancyRef, options),
  ]);
  return pageOf(list, (deployment) => toInstance(deployment, around));
}

/** An empty list looks the same whether there is such a namespace or not, so it is asked for first. */
async function refOf(cluster: Cluster, tenancy: string, options: CallOptions | undefined): Promise<string> {
  const namespace = await readNamespace(cluster, tenancy, options);
  return promised(namespace.metadata?.uid, "metadata.uid");
}

export async function surroundings(
  { session }: Cluster,
  namespace: string,
  tenancyRef: string,
  options: CallOptions | undefined,
): Promise<Surroundings> {
  const { core, call } = session;
  const [pods, claims] = await Promise.all([
    everyItem<V1Pod>((position) =>
      call(options, (config) => core.listNamespacedPod({ namespace, ...position }, config)),
    ),
    everyItem<V1PersistentVolumeClaim>((position) =>
      call(options, (config) => core.listNamespacedPersistentVolumeClaim({ namespace, ...position }, config)),
    ),
  ]);
  return { tenancyRef, pods, claims };
}

/** Added up from what is there: the quota's own figures follow some moments later. */
export async function readUsage(
  cluster: Cluster,
  tenancy: string,
  options: CallOptions | undefined,
): Promise<ProviderQuantities> {
  const tenancyRef = await refOf(cluster, tenancy, options);
  const { pods, claims } = await surroundings(cluster, tenancy, tenancyRef, options);
  const { gpuResource } = cluster.connection;
  const held = (resource: string) =>
    pods.filter(isLive).reduce((sum, pod) => sum + heldBy(pod, resource), 0n);
  return {
    VCPU: wholeUp(held("cpu"), CORE),
    MEMORY_GIB: wholeUp(held("memory"), GIB),
    BLOCK_STORAGE_GIB: wholeUp(
      claims.reduce((sum, claim) => sum + sizeOfClaim(claim), 0n),
      GIB,
    ),
    GPU: wholeUp(held(gpuResource), CORE),
  };
}

/** The deployment stays until its pods are gone, and its disk until no pod uses it. */
export async function removeInstance(
  cluster: Cluster,
  tenancy: string,
  name: string,
  options: CallOptions | undefined,
): Promise<void> {
  const { apps, core, call } = cluster.session;
  await refOf(cluster, tenancy, options);
  const here = { namespace: tenancy, name };
  const disk = { namespace: tenancy, name: claimName(name) };
  const [deployment, claim] = await Promise.all([
    existing(call(options, (config) => apps.readNamespacedDeployment(here, config))),
    existing(call(options, (config) => core.readNamespacedPersistentVolumeClaim(disk, config))),
  ]);
  const left = [deployment, claim].filter((object) => object !== null);
  if (left.length === 0) throw new ProviderFault("NotFound", `there is no instance ${name}`);
  for (const object of left) assertManaged(object, name);
  // The disk first: as long as the deployment is there, somebody comes back for both.
  if (claim !== null && claim.metadata?.deletionTimestamp === undefined) {
    await existing(
      call(options, (config) =>
        core.deleteNamespacedPersistentVolumeClaim({ ...disk, body: only(claim) }, config),
      ),
    );
  }
  if (deployment !== null && deployment.metadata?.deletionTimestamp === undefined) {
    const body = { ...only(deployment), propagationPolicy: "Foreground" };
    await existing(call(options, (config) => apps.deleteNamespacedDeployment({ ...here, body }, config)));
  }
}

function assertManaged({ metadata }: V1Deployment | V1PersistentVolumeClaim, name: string): void {
  if (ownerOf(metadata?.labels) !== null) return;
  throw new ProviderFault("Conflict", `instance ${name} was not made by a control plane`, {
    vendorCode: "foreign_owner",
  });
}

/** Not another one that has come in its place since. */
function only({ metadata }: V1Deployment | V1PersistentVolumeClaim) {
  return { preconditions: { uid: promised(metadata?.uid, "metadata.uid") } };
}
