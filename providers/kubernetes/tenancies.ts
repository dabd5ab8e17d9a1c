import type { V1Namespace } from "@kubernetes/client-node";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, ObservedTenancy, Page, PageOptions, ProviderNetwork } from "../port.ts";
import type { Cluster } from "./cluster.ts";
import { ownerOf } from "./marks.ts";
import { everyItem, pageOf, positionOf } from "./pages.ts";
import { promised } from "./session.ts";
import { partsOf, readParts } from "./tenancy-parts.ts";
import { isTerminating, toNetwork, toTenancy } from "./translate.ts";

/** The cluster's own, which no department ever gets. */
const SYSTEM = ["default", "kube-node-lease", "kube-public", "kube-system"];
const NOT_SYSTEM = SYSTEM.map((name) => `metadata.name!=${name}`).join(",");

export async function getTenancy(
  cluster: Cluster,
  name: string,
  options: CallOptions | undefined,
): Promise<ObservedTenancy> {
  const namespace = await readNamespace(cluster, name, options);
  return toTenancy(namespace, await readParts(cluster, name, options), cluster.connection);
}

export function readNamespace(
  { session }: Cluster,
  name: string,
  options: CallOptions | undefined,
): Promise<V1Namespace> {
  return session.call(options, (config) => session.core.readNamespace({ name }, config));
}

export async function listTenancies(
  cluster: Cluster,
  options: PageOptions | undefined,
): Promise<Page<ObservedTenancy>> {
  const { core, call } = cluster.session;
  const request = { fieldSelector: NOT_SYSTEM, ...positionOf(options) };
  const list = await call(options, (config) => core.listNamespace(request, config));
  const parts = await partsOf(cluster, promised(list.items, "items"), options);
  return pageOf(list, (namespace) => {
    const name = promised(namespace.metadata?.name, "metadata.name");
    return toTenancy(namespace, parts(name), cluster.connection);
  });
}

/** The namespace takes everything inside with it; the API server answers at once and works on. */
export async function removeTenancy(
  cluster: Cluster,
  name: string,
  options: CallOptions | undefined,
): Promise<void> {
  const { core, call } = cluster.session;
  const namespace = await readNamespace(cluster, name, options);
  if (ownerOf(namespace.metadata?.labels) === null) {
    throw new ProviderFault("Conflict", `${name} was not made by a control plane`, {
      vendorCode: "foreign_owner",
    });
  }
  if (isTerminating(namespace)) return;
  // Not another one that has come in its place since.
  const body = { preconditions: { uid: promised(namespace.metadata?.uid, "metadata.uid") } };
  try {
    await call(options, (config) => core.deleteNamespace({ name, body }, config));
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.kind !== "Conflict") throw error;
    // Somebody else was quicker with the removal; any other conflict stays one.
    if (!isTerminating(await readNamespace(cluster, name, options))) throw error;
  }
}

export async function listNetworks(
  cluster: Cluster,
  name: string,
  options: CallOptions | undefined,
): Promise<ProviderNetwork[]> {
  const { networking, call } = cluster.session;
  const namespace = await readNamespace(cluster, name, options);
  const policies = await everyItem((position) =>
    call(options, (config) =>
      networking.listNamespacedNetworkPolicy({ namespace: name, ...position }, config),
    ),
  );
  return [toNetwork(namespace, policies)];
}
