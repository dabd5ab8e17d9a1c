import type { V1Deployment, V1Namespace } from "@kubernetes/client-node";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, ObservedTenancy, Ownership } from "../port.ts";
import type { Cluster } from "./cluster.ts";
import { managerOf, ownerLabels, ownerOf, sameOwner } from "./marks.ts";
import { everyItem } from "./pages.ts";
import { getTenancy, readNamespace } from "./tenancies.ts";
import { isTerminating } from "./translate.ts";

/** Labels and nothing else, on what bears none yet. */
export async function adoptTenancy(
  cluster: Cluster,
  name: string,
  ownership: Ownership,
  options: CallOptions | undefined,
): Promise<ObservedTenancy> {
  const { core, apps, call, patch } = cluster.session;
  const namespace = await readNamespace(cluster, name, options);
  if (isTerminating(namespace)) {
    throw new ProviderFault("Conflict", `tenancy ${name} is being removed`, { vendorCode: "removing" });
  }
  const owner = ownerOf(namespace.metadata?.labels);
  if (owner !== null && !sameOwner(owner, ownership)) {
    throw new ProviderFault("Conflict", `tenancy ${name} belongs to somebody else`, {
      vendorCode: "foreign_owner",
    });
  }
  const deployments = await everyItem((position) =>
    call(options, (config) => apps.listNamespacedDeployment({ namespace: name, ...position }, config)),
  );
  const fieldManager = managerOf(ownership);
  for (const deployment of deployments.filter(({ metadata }) => ownerOf(metadata?.labels) === null)) {
    const body = { apiVersion: "apps/v1", kind: "Deployment", metadata: marked(deployment, ownership) };
    const request = { namespace: name, name: body.metadata.name ?? "", body, fieldManager };
    await patch(options, "ServerSideApply", (config) => apps.patchNamespacedDeployment(request, config));
  }
  // The namespace last: once it is marked, nobody comes back for what is inside.
  if (owner === null) {
    const body = { apiVersion: "v1", kind: "Namespace", metadata: marked(namespace, ownership) };
    await patch(options, "ServerSideApply", (config) =>
      core.patchNamespace({ name, body, fieldManager }, config),
    );
  }
  return getTenancy(cluster, name, options);
}

/** With the version that was seen: whatever has happened since is a conflict, and looked at again. */
function marked({ metadata }: V1Namespace | V1Deployment, ownership: Ownership) {
  const { name, uid, resourceVersion } = metadata ?? {};
  return { name, uid, resourceVersion, labels: ownerLabels(ownership) };
}
