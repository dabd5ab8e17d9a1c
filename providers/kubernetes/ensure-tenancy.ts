import { setTimeout as sleep } from "node:timers/promises";
import type { V1Namespace } from "@kubernetes/client-node";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, ObservedTenancy, TenancySpec } from "../port.ts";
import type { Cluster } from "./cluster.ts";
import { admitsEveryone } from "./isolation.ts";
import { ANNOTATION, LABEL, MANAGED, managerOf, ownerOf, sameOwner } from "./marks.ts";
import { everyItem } from "./pages.ts";
import { type Selector, selectorOf } from "./pools.ts";
import { quotaInForce } from "./quota.ts";
import { existing, promised } from "./session.ts";
import {
  bindingManifest,
  limitRangeManifest,
  namespaceObject,
  policyManifests,
  quotaManifest,
  serviceAccountManifest,
  TENANCY,
} from "./tenancy-objects.ts";
import { readParts } from "./tenancy-parts.ts";
import { isSuspended, isTerminating, toTenancy } from "./translate.ts";

/** One tenancy and everything that its steps need. */
interface Task {
  readonly cluster: Cluster;
  readonly spec: TenancySpec;
  readonly clientToken: string;
  readonly options: CallOptions | undefined;
}

/** Everything is applied, whatever is there: what is already as it should be, the API server leaves alone. */
export async function ensureTenancy(task: Task): Promise<ObservedTenancy> {
  const { cluster, spec, options } = task;
  const found = await existing(readNamespace(task));
  const selector = found === null ? null : selectorIn(found);
  const confined = selector ?? (await selectorOf(cluster.session, cluster.connection, spec.pool, options));
  const namespace = found === null ? await create(task, confined) : await adopt(task, found, confined);

  await applyParts(task);
  await closeOpenings(task);
  await scaleInstances(task);
  // Written last: a repeat after a crash must not find it said and half of it undone.
  const current =
    isSuspended(namespace) === spec.suspended
      ? namespace
      : await applyNamespace(task, confined, { suspended: spec.suspended, over: namespace });
  await untilQuotaInForce(task);
  return toTenancy(current, await readParts(cluster, spec.name, options), cluster.connection);
}

function readNamespace({ cluster, spec, options }: Task): Promise<V1Namespace> {
  const { core, call } = cluster.session;
  return call(options, (config) => core.readNamespace({ name: spec.name }, config));
}

/** Whoever comes second with the same name and another owner meets the first one's fields. */
async function create(task: Task, selector: Selector): Promise<V1Namespace> {
  try {
    return await applyNamespace(task, selector, { suspended: false, over: null });
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.kind !== "Conflict") throw error;
    const found = await existing(readNamespace(task));
    if (found === null) throw error;
    return adopt(task, found, selector);
  }
}

async function adopt(task: Task, found: V1Namespace, selector: Selector): Promise<V1Namespace> {
  const { name, ownership, pool } = task.spec;
  if (!sameOwner(ownerOf(found.metadata?.labels), ownership)) {
    throw new ProviderFault("Conflict", `tenancy ${name} belongs to somebody else`, {
      cause: { labels: found.metadata?.labels },
      vendorCode: "foreign_owner",
    });
  }
  if (isTerminating(found)) {
    throw new ProviderFault("Conflict", `tenancy ${name} is being removed`, { vendorCode: "removing" });
  }
  const placed = found.metadata?.labels?.[LABEL.pool];
  // What was made by hand is in no pool yet.
  if (placed !== undefined && placed !== pool) {
    throw new ProviderFault("Conflict", `tenancy ${name} is in pool ${placed} and cannot move`);
  }
  return applyNamespace(task, selector, { suspended: isSuspended(found), over: found });
}

/** Over an object that was seen to be ours, and over no other that has come in its place since. */
function applyNamespace(
  { cluster, spec, clientToken, options }: Task,
  selector: Selector,
  { suspended, over }: { readonly suspended: boolean; readonly over: V1Namespace | null },
): Promise<V1Namespace> {
  const { session, connection } = cluster;
  const { metadata, ...rest } = namespaceObject(spec, connection, { clientToken, selector, suspended });
  const uid = over === null ? {} : { uid: promised(over.metadata?.uid, "metadata.uid") };
  const body = { ...rest, metadata: { ...metadata, ...uid } };
  const request = { name: spec.name, body, fieldManager: managerOf(spec.ownership), force: over !== null };
  return session.patch(options, "ServerSideApply", (config) => session.core.patchNamespace(request, config));
}

async function applyParts(task: Task): Promise<void> {
  const { cluster, spec, options } = task;
  const { session, connection } = cluster;
  const { core, networking, patch } = session;
  const request = <Body extends { metadata: { name: string } }>(body: Body) => ({
    ...{ name: body.metadata.name, namespace: spec.name, body },
    // The namespace is ours, so what the department has changed in these is put right.
    ...{ fieldManager: managerOf(spec.ownership), force: true },
  });
  await Promise.all([
    patch(options, "ServerSideApply", (config) =>
      core.patchNamespacedResourceQuota(request(quotaManifest(spec, connection)), config),
    ),
    patch(options, "ServerSideApply", (config) =>
      core.patchNamespacedLimitRange(request(limitRangeManifest(spec)), config),
    ),
    patch(options, "ServerSideApply", (config) =>
      core.patchNamespacedServiceAccount(request(serviceAccountManifest(spec)), config),
    ),
    ...policyManifests(spec).map((policy) =>
      patch(options, "ServerSideApply", (config) =>
        networking.patchNamespacedNetworkPolicy(request(policy), config),
      ),
    ),
    applyBinding(task, request(bindingManifest(spec, connection))),
  ]);
}

async function applyBinding(
  { cluster, options }: Task,
  request: { name: string; namespace: string; body: unknown; fieldManager: string; force: boolean },
): Promise<void> {
  const { session, connection } = cluster;
  const { rbac, call, patch } = session;
  const { name, namespace } = request;
  const found = await existing(
    call(options, (config) => rbac.readNamespacedRoleBinding({ name, namespace }, config)),
  );
  // The API lets nobody change the role of a binding.
  if (found !== null && found.roleRef.name !== connection.accessRole) {
    await existing(call(options, (config) => rbac.deleteNamespacedRoleBinding({ name, namespace }, config)));
  }
  await patch(options, "ServerSideApply", (config) => rbac.patchNamespacedRoleBinding(request, config));
}

/** Policies add up, so one that admits everyone cannot be outweighed: it has to go. */
async function closeOpenings({ cluster, spec, options }: Task): Promise<void> {
  const { networking, call } = cluster.session;
  const namespace = spec.name;
  const policies = await everyItem((position) =>
    call(options, (config) => networking.listNamespacedNetworkPolicy({ namespace, ...position }, config)),
  );
  for (const policy of policies.filter(admitsEveryone)) {
    const name = promised(policy.metadata?.name, "metadata.name");
    await existing(
      call(options, (config) => networking.deleteNamespacedNetworkPolicy({ name, namespace }, config)),
    );
  }
}

/** A suspended tenancy runs none of its instances; their disks stay. */
async function scaleInstances({ cluster, spec, options }: Task): Promise<void> {
  const { apps, call, patch } = cluster.session;
  const namespace = spec.name;
  const replicas = spec.suspended ? 0 : 1;
  const deployments = await everyItem((position) =>
    call(options, (config) =>
      apps.listNamespacedDeployment({ namespace, labelSelector: MANAGED, ...position }, config),
    ),
  );
  for (const { metadata, spec: scaled } of deployments) {
    if (scaled?.replicas === replicas || metadata?.deletionTimestamp !== undefined) continue;
    const name = promised(metadata?.name, "metadata.name");
    const request = {
      name,
      namespace,
      body: { spec: { replicas } },
      fieldManager: managerOf(spec.ownership),
    };
    await patch(options, "MergePatch", (config) => apps.patchNamespacedDeployment(request, config));
  }
}

const QUOTA_PATIENCE_MS = 3_000;
const QUOTA_PAUSE_MS = 50;

/** Admission goes by what the quota controller has taken up: without the wait, the next call could be refused. */
async function untilQuotaInForce({ cluster, spec, options }: Task): Promise<void> {
  const { core, call } = cluster.session;
  const request = { name: TENANCY, namespace: spec.name };
  const patientUntil = performance.now() + QUOTA_PATIENCE_MS;
  while (performance.now() < patientUntil) {
    const quota = await call(options, (config) => core.readNamespacedResourceQuota(request, config));
    if (quotaInForce(quota)) return;
    await sleep(QUOTA_PAUSE_MS);
  }
}

/** What was written down when the tenancy was made; null where somebody has deleted it. */
export function selectorIn({ metadata }: V1Namespace): Selector | null {
  const text = metadata?.annotations?.[ANNOTATION.nodeSelector];
  if (text === undefined) return null;
  return Object.fromEntries(
    text
      .split(",")
      .filter((part) => part !== "")
      .map((part) => {
        const [label = "", value = ""] = part.split("=");
        return [label, value];
      }),
  );
}
