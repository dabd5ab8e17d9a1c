import { randomBytes, randomUUID } from "node:crypto";
import { checkLimits, checkQuota, withLimits } from "./admission.ts";
import { applied, managedFields, updated } from "./apply.ts";
import { withDefaults } from "./defaults.ts";
import { JsonObject, mergePatched, partOf, Stored, sameJson } from "./objects.ts";
import { apiVersionOf, CLAIMS, DEPLOYMENTS, NAMESPACES, PODS, POLICIES, type Resource } from "./resources.ts";
import { alreadyExists, conflict, forbidden, immutableTwice, notFound, Refusal } from "./status.ts";
import type { Store } from "./store.ts";
import { assertKind, validate } from "./validation.ts";

export interface Writing {
  /** Who is to own the fields; the client's own name where nobody says. */
  readonly manager: string;
  readonly dryRun?: boolean;
}

export interface Removal {
  readonly uid?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
}

/** What a cluster's API does with objects, without the wire. Everything is in one turn: nobody comes between. */
export interface ApiServer {
  create(resource: Resource, namespace: string | null, body: JsonObject, how: Writing): Stored;
  apply(
    at: { readonly resource: Resource; readonly namespace: string | null; readonly name: string },
    config: JsonObject,
    how: Writing & { readonly force: boolean },
  ): { readonly object: Stored; readonly created: boolean };
  /** By a merge patch, or by a whole object in place of the old one. */
  update(
    at: { readonly resource: Resource; readonly namespace: string | null; readonly name: string },
    change: (live: Stored) => JsonObject,
    how: Writing & { readonly status?: boolean },
  ): Stored;
  remove(resource: Resource, namespace: string | null, name: string, how: Removal): Stored;
  find(resource: Resource, namespace: string | null, name: string): Stored;
}

/** Kinds whose objects count their changes. */
const COUNTED = [DEPLOYMENTS, POLICIES];

export function apiServer(store: Store, now: () => number): ApiServer {
  const find = (resource: Resource, namespace: string | null, name: string): Stored => {
    const found = store.get(resource, namespace, name);
    if (found === null) throw notFound(resource, name);
    return found;
  };

  /** The rest of the way that every object takes into the store. */
  const keep = (resource: Resource, raw: JsonObject, live: Stored | null, dryRun: boolean): Stored => {
    const object = Stored.parse(withDefaults(resource, raw, live === null));
    validate(resource, object, live);
    checkLimits(store, resource, object);
    checkQuota(store, resource, object, live);
    const changed = live === null || !sameJson(object.spec, live.spec);
    const generation = (live?.metadata.generation ?? 0) + (changed ? 1 : 0);
    if (COUNTED.includes(resource)) object.metadata.generation = generation;
    if (live !== null && sameJson(withoutVersion(object), withoutVersion(live))) return live;
    return dryRun ? object : store.put(resource, object);
  };

  const create = (
    resource: Resource,
    namespace: string | null,
    body: JsonObject,
    { manager, dryRun = false }: Writing,
  ) => {
    assertKind(resource, body);
    const given = partOf(body, "metadata");
    const prefix = typeof given.generateName === "string" ? given.generateName : "";
    const name =
      typeof given.name === "string" ? given.name : `${prefix}${randomBytes(3).toString("hex").slice(1)}`;
    assertOpen(store, resource, namespace, name);
    if (store.get(resource, namespace, name) !== null) throw alreadyExists(resource, name);
    const time = timeOf(now());
    const metadata: JsonObject = {
      ...given,
      name,
      ...(namespace === null ? {} : { namespace }),
      uid: randomUUID(),
      resourceVersion: "0",
      creationTimestamp: time,
      ...(resource === CLAIMS ? { finalizers: ["kubernetes.io/pvc-protection"] } : {}),
    };
    const apiVersion = apiVersionOf(resource);
    const raw: JsonObject = { ...body, kind: resource.kind, apiVersion, metadata };
    const fields = managedFields(updated(null, body, manager), null, apiVersion, time);
    const admitted = namespace === null ? raw : withLimits(store, resource, namespace, raw);
    return keep(resource, withFields(admitted, fields), null, dryRun);
  };

  const update: ApiServer["update"] = ({ resource, namespace, name }, change, how) => {
    const live = find(resource, namespace, name);
    const liveJson = JsonObject.parse(live);
    const changed = change(live);
    const wanted = partOf(changed, "metadata").resourceVersion;
    if (typeof wanted === "string" && wanted !== "" && wanted !== live.metadata.resourceVersion) {
      throw conflict(
        resource,
        name,
        "the object has been modified; please apply your changes to the latest version and try again",
      );
    }
    // The status is written at an address of its own, and nothing else there.
    const spec = how.status === true ? liveJson : { ...changed, ...statusOf(live) };
    const next: JsonObject = how.status === true ? { ...spec, status: partOf(changed, "status") } : spec;
    const metadata = { ...partOf(next, "metadata"), ...unchangeable(live) };
    const fields = managedFields(
      updated(liveJson, next, how.manager),
      liveJson,
      apiVersionOf(resource),
      timeOf(now()),
    );
    return keep(resource, withFields({ ...next, metadata }, fields), live, how.dryRun ?? false);
  };

  return {
    find,
    create,
    update,
    apply({ resource, namespace, name }, config, { manager, force, dryRun = false }) {
      assertKind(resource, config);
      const live = store.get(resource, namespace, name);
      const { uid, resourceVersion } = partOf(config, "metadata");
      if (live === null && typeof uid === "string") {
        throw conflict(
          resource,
          name,
          `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
        );
      }
      if (live === null) {
        assertOpen(store, resource, namespace, name);
        const body = { ...config, metadata: { ...partOf(config, "metadata"), name } };
        const made = create(resource, namespace, body, { manager, dryRun: true });
        const { owned } = applied(null, config, manager, force);
        const fields = managedFields(owned, null, apiVersionOf(resource), timeOf(now()));
        const object = withFields(JsonObject.parse(made), fields);
        return { object: keep(resource, object, null, dryRun), created: true };
      }
      if (typeof uid === "string" && uid !== live.metadata.uid) {
        throw immutableTwice(resource, name, "metadata.uid", `Invalid value: "${uid}": field is immutable`);
      }
      if (typeof resourceVersion === "string" && resourceVersion !== live.metadata.resourceVersion) {
        throw conflict(
          resource,
          name,
          "the object has been modified; please apply your changes to the latest version and try again",
        );
      }
      const liveJson = JsonObject.parse(live);
      const { object, owned } = applied(liveJson, config, manager, force);
      const fields = managedFields(owned, liveJson, apiVersionOf(resource), timeOf(now()));
      const metadata = { ...partOf(object, "metadata"), ...unchangeable(live) };
      return {
        object: keep(resource, withFields({ ...object, metadata }, fields), live, dryRun),
        created: false,
      };
    },
    remove(resource, namespace, name, how) {
      const live = find(resource, namespace, name);
      if (how.uid !== undefined && how.uid !== live.metadata.uid) {
        const why = `Precondition failed: UID in precondition: ${how.uid}, UID in object meta: ${live.metadata.uid}`;
        throw conflict(resource, name, why);
      }
      return removed(store, resource, live, how, timeOf(now()));
    },
  };
}

/** Namespaces end in their own time, and so does what bears a finalizer or runs. */
function removed(store: Store, resource: Resource, live: Stored, how: Removal, time: string): Stored {
  const leaving = { ...live, metadata: { ...live.metadata, deletionTimestamp: time } };
  if (live.metadata.deletionTimestamp !== undefined && how.gracePeriodSeconds !== 0) return live;
  if (resource === NAMESPACES) {
    return store.put(resource, { ...leaving, status: { ...partOf(live, "status"), phase: "Terminating" } });
  }
  if (resource === PODS) {
    const seconds = how.gracePeriodSeconds ?? 30;
    const bound = typeof partOf(live, "spec").nodeName === "string";
    const deletionGracePeriodSeconds = bound ? seconds : 0;
    const graceful = { ...leaving, metadata: { ...leaving.metadata, deletionGracePeriodSeconds } };
    return bound && seconds > 0 ? store.put(resource, graceful) : store.remove(resource, graceful);
  }
  if (resource === DEPLOYMENTS && how.propagationPolicy === "Foreground") {
    const finalizers = ["foregroundDeletion"];
    return store.put(resource, { ...leaving, metadata: { ...leaving.metadata, finalizers } });
  }
  if ((live.metadata.finalizers ?? []).length > 0) return store.put(resource, leaving);
  return store.remove(resource, live);
}

function assertOpen(store: Store, resource: Resource, namespace: string | null, name: string): void {
  if (namespace === null) return;
  const home = store.get(NAMESPACES, null, namespace);
  if (home === null) throw notFound(NAMESPACES, namespace);
  if (home.metadata.deletionTimestamp === undefined) return;
  const cause = {
    reason: "NamespaceTerminating",
    message: `namespace ${namespace} is being terminated`,
    field: "metadata.namespace",
  };
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw forbidden(resource, name, why, [cause]);
}

/** A merge patch as a change. @throws Refusal 400 */
export function patchedWith(patch: JsonObject): (live: Stored) => JsonObject {
  return (live) => {
    const parsed = JsonObject.safeParse(mergePatched(JsonObject.parse(live), patch));
    if (!parsed.success) throw new Refusal(400, "BadRequest", "the patch makes no object of it");
    return parsed.data;
  };
}

export function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function statusOf(live: Stored): JsonObject {
  const { status } = JsonObject.parse(live);
  return status === undefined ? {} : { status };
}

function unchangeable({ metadata }: Stored): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp, generation } = metadata;
  return {
    ...{ name, uid, resourceVersion, creationTimestamp },
    ...(namespace === undefined ? {} : { namespace }),
    ...(generation === undefined ? {} : { generation }),
  };
}

function withFields(object: JsonObject, fields: readonly unknown[]): JsonObject {
  const managed = JsonObject.parse({ managedFields: fields });
  return { ...object, metadata: { ...partOf(object, "metadata"), ...managed } };
}

function withoutVersion({ metadata, ...rest }: Stored) {
  const { resourceVersion: _, ...others } = metadata;
  return { ...rest, metadata: others };
}
