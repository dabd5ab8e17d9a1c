import type { V1Namespace } from "@kubernetes/client-node";
import type { CallOptions } from "../port.ts";
import type { Cluster } from "./cluster.ts";
import { MANAGED, ownerOf } from "./marks.ts";
import { everyItem } from "./pages.ts";
import { existing } from "./session.ts";
import { TENANCY } from "./tenancy-objects.ts";
import { NO_PARTS, type TenancyParts } from "./translate.ts";

/** Up to so many namespaces are asked for one by one; for more, the cluster's whole lists cost less. */
const ONE_BY_ONE_MAX = 10;

export async function readParts(
  { session }: Cluster,
  namespace: string,
  options: CallOptions | undefined,
): Promise<TenancyParts> {
  const { core, networking, rbac, call } = session;
  const named = { namespace, name: TENANCY };
  const [quota, limits, binding, policies] = await Promise.all([
    existing(call(options, (config) => core.readNamespacedResourceQuota(named, config))),
    existing(call(options, (config) => core.readNamespacedLimitRange(named, config))),
    existing(call(options, (config) => rbac.readNamespacedRoleBinding(named, config))),
    everyItem((position) =>
      call(options, (config) => networking.listNamespacedNetworkPolicy({ namespace, ...position }, config)),
    ),
  ]);
  return { quota, limits, binding, policies };
}

/** By name; those of foreign namespaces are of no interest. */
export async function partsOf(
  cluster: Cluster,
  namespaces: readonly V1Namespace[],
  options: CallOptions | undefined,
): Promise<(name: string) => TenancyParts> {
  const own = namespaces.filter(({ metadata }) => ownerOf(metadata?.labels) !== null);
  const names = own.flatMap(({ metadata }) => metadata?.name ?? []);
  if (names.length > ONE_BY_ONE_MAX) return allParts(cluster, options);
  const found = await Promise.all(
    names.map(async (name) => [name, await readParts(cluster, name, options)] as const),
  );
  const byName = new Map(found);
  return (name) => byName.get(name) ?? NO_PARTS;
}

async function allParts(
  { session }: Cluster,
  options: CallOptions | undefined,
): Promise<(name: string) => TenancyParts> {
  const { core, networking, rbac, call } = session;
  const ours = { labelSelector: MANAGED };
  const [quotas, limits, bindings, policies] = await Promise.all([
    everyItem((position) =>
      call(options, (config) => core.listResourceQuotaForAllNamespaces({ ...ours, ...position }, config)),
    ),
    everyItem((position) =>
      call(options, (config) => core.listLimitRangeForAllNamespaces({ ...ours, ...position }, config)),
    ),
    everyItem((position) =>
      call(options, (config) => rbac.listRoleBindingForAllNamespaces({ ...ours, ...position }, config)),
    ),
    // Others' policies too: one of them may have opened a tenancy.
    everyItem((position) =>
      call(options, (config) => networking.listNetworkPolicyForAllNamespaces(position, config)),
    ),
  ]);
  const [quotaOf, limitsOf, bindingOf, policiesOf] = [
    byNamespace(quotas),
    byNamespace(limits),
    byNamespace(bindings),
    byNamespace(policies),
  ];
  return (name) => ({
    quota: named(quotaOf.get(name)),
    limits: named(limitsOf.get(name)),
    binding: named(bindingOf.get(name)),
    policies: policiesOf.get(name) ?? [],
  });
}

interface Placed {
  readonly metadata?: { readonly namespace?: string; readonly name?: string };
}

function byNamespace<Item extends Placed>(items: readonly Item[]): Map<string, Item[]> {
  const sorted = new Map<string, Item[]>();
  for (const item of items) {
    const namespace = item.metadata?.namespace ?? "";
    const there = sorted.get(namespace);
    if (there === undefined) sorted.set(namespace, [item]);
    else there.push(item);
  }
  return sorted;
}

function named<Item extends Placed>(items: readonly Item[] | undefined): Item | null {
  return items?.find((item) => item.metadata?.name === TENANCY) ?? null;
}
