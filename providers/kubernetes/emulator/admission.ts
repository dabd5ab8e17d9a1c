import { nanosOf } from "../quantity.ts";
import { formatNanos } from "./format-quantity.ts";
import { type Json, JsonObject, partOf, type Stored } from "./objects.ts";
import {
  CLAIMS,
  LIMIT_RANGES,
  PODS,
  QUOTAS,
  type Resource,
  SERVICE_ACCOUNTS,
  SERVICES,
} from "./resources.ts";
import { forbidden } from "./status.ts";
import type { Store } from "./store.ts";
import { ClaimView, LimitRangeView, PodView, QuotaView, ServiceView } from "./views.ts";

const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";

type Amounts = ReadonlyMap<string, bigint>;

/** Gives containers what they leave out, before anything is counted. */
export function withLimits(
  store: Store,
  resource: Resource,
  namespace: string,
  object: JsonObject,
): JsonObject {
  if (resource !== PODS) return object;
  const ranges = containerRanges(store, namespace);
  const spec = partOf(object, "spec");
  const { containers } = spec;
  if (!Array.isArray(containers)) return object;
  const filled = containers.map((container) => {
    if (ranges.length === 0) return container;
    let resources = partOf(container, "resources");
    for (const range of ranges) {
      const limits = { ...range.default, ...partOf(resources, "limits") };
      const requests = { ...range.defaultRequest, ...partOf(resources, "requests") };
      resources = { ...resources, limits, requests };
    }
    return { ...JsonObject.parse(container), resources };
  });
  return { ...object, spec: withToken(store, namespace, { ...spec, containers: filled }) };
}

/** Every container can read the token of its account, unless the pod or the account says otherwise. */
function withToken(store: Store, namespace: string, spec: JsonObject): JsonObject {
  const name = typeof spec.serviceAccountName === "string" ? spec.serviceAccountName : "default";
  const account = store.get(SERVICE_ACCOUNTS, namespace, name);
  if (account === null) {
    throw forbidden(
      PODS,
      "",
      `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`,
    );
  }
  if ((spec.automountServiceAccountToken ?? account.automountServiceAccountToken) === false) return spec;
  const [secret] = Array.isArray(account.secrets) ? account.secrets : [];
  const secretName = partOf({ secret }, "secret").name;
  if (typeof secretName !== "string") return spec;
  const volumes = Array.isArray(spec.volumes) ? spec.volumes : [];
  const mount = { name: secretName, readOnly: true, mountPath: TOKEN_PATH };
  const containers = Array.isArray(spec.containers) ? spec.containers : [];
  return {
    ...spec,
    volumes: [...volumes, { name: secretName, secret: { secretName, defaultMode: 420 } }],
    containers: containers.map((container) => {
      const mounts = partOf({ container }, "container").volumeMounts;
      const own: readonly Json[] = Array.isArray(mounts) ? mounts : [];
      return { ...JsonObject.parse(container), volumeMounts: [...own, mount] };
    }),
  };
}

/** @throws Refusal 403 for a container beyond the range */
export function checkLimits(store: Store, resource: Resource, object: Stored): void {
  if (resource !== PODS) return;
  const { metadata, spec } = PodView.parse(object);
  for (const { max } of containerRanges(store, metadata.namespace)) {
    for (const [name, most] of Object.entries(max)) {
      for (const { resources } of spec.containers) {
        const limit = resources.limits[name];
        if (limit === undefined || nanosOf(limit) <= nanosOf(most)) continue;
        const why = `maximum ${name} usage per Container is ${most}, but limit is ${limit}`;
        throw forbidden(resource, metadata.name, why);
      }
    }
  }
}

function containerRanges(store: Store, namespace: string) {
  return store
    .list(LIMIT_RANGES, namespace)
    .flatMap((range) => LimitRangeView.parse(range).spec.limits)
    .filter(({ type }) => type === "Container");
}

/**
 * By what the quota controller has taken up, not by what the quota says; while it has taken up nothing,
 * everything is admitted. @throws Refusal 403
 */
export function checkQuota(store: Store, resource: Resource, object: Stored, before: Stored | null): void {
  const namespace = object.metadata.namespace ?? "";
  const wanted = countedIn(resource, object);
  const held = before === null ? new Map<string, bigint>() : countedIn(resource, before);
  for (const stored of store.list(QUOTAS, namespace)) {
    const quota = QuotaView.parse(stored);
    const hard = Object.entries(quota.status.hard ?? {});
    if (resource === PODS && before === null) mustSpecify(quota.metadata.name, hard, object, wanted);
    const used = usedIn(store, namespace);
    const exceeded = hard
      .map(([name, limit]) => {
        const growth = (wanted.get(name) ?? 0n) - (held.get(name) ?? 0n);
        return { name, limit, growth, used: used.get(name) ?? 0n };
      })
      .filter((item) => item.growth > 0n && item.used + item.growth > nanosOf(item.limit))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
    if (exceeded.length === 0) continue;
    const list = (value: (item: (typeof exceeded)[number]) => string) =>
      exceeded.map((item) => `${item.name}=${value(item)}`).join(",");
    const requested = list(({ name, growth }) => formatNanos(name, growth));
    const inUse = list((item) => formatNanos(item.name, item.used));
    const why = `exceeded quota: ${quota.metadata.name}, requested: ${requested}, used: ${inUse}, limited: ${list((item) => item.limit)}`;
    throw forbidden(resource, object.metadata.name, why);
  }
}

/** Where compute is limited, every container has to say what it takes. */
function mustSpecify(
  quota: string,
  hard: readonly (readonly [string, string])[],
  pod: Stored,
  wanted: Amounts,
): void {
  const missing = hard
    .map(([name]) => name)
    .filter((name) => /^(requests|limits)\.(cpu|memory)$/.test(name) && !wanted.has(name))
    .sort();
  if (missing.length === 0) return;
  throw forbidden(PODS, pod.metadata.name, `failed quota: ${quota}: must specify ${missing.join(",")}`);
}

/** Everything in the namespace that a quota counts. */
export function usedIn(store: Store, namespace: string): Map<string, bigint> {
  const used = new Map<string, bigint>();
  for (const resource of [PODS, CLAIMS, SERVICES]) {
    for (const object of store.list(resource, namespace)) {
      for (const [name, amount] of countedIn(resource, object)) {
        used.set(name, (used.get(name) ?? 0n) + amount);
      }
    }
  }
  return used;
}

function countedIn(resource: Resource, object: Stored): Map<string, bigint> {
  const counted = new Map<string, bigint>();
  const add = (name: string, amount: string) =>
    counted.set(name, (counted.get(name) ?? 0n) + nanosOf(amount));
  if (resource === PODS) {
    const { spec, status } = PodView.parse(object);
    if (status.phase === "Succeeded" || status.phase === "Failed") return counted;
    add("pods", "1");
    for (const { resources } of spec.containers) {
      for (const [name, amount] of Object.entries(resources.requests)) add(`requests.${name}`, amount);
      for (const [name, amount] of Object.entries(resources.limits)) add(`limits.${name}`, amount);
    }
  } else if (resource === CLAIMS) {
    add("persistentvolumeclaims", "1");
    add("requests.storage", ClaimView.parse(object).spec.resources.requests.storage ?? "0");
  } else if (resource === SERVICES) {
    add("services", "1");
    if (ServiceView.parse(object).spec.type === "LoadBalancer") add("services.loadbalancers", "1");
  }
  return counted;
}
