import { z } from "zod";
import type { JsonObject, Stored } from "./objects.ts";
import { apiVersionOf, type Resource } from "./resources.ts";
import { fieldSelector, labelSelector, type Selects } from "./selectors.ts";
import { badRequest, Refusal } from "./status.ts";
import { type Event, keyOf, nameOf, type Store } from "./store.ts";

export interface ListQuery {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: string;
  readonly continue?: string;
}

const Continue = z.object({ v: z.literal("meta.k8s.io/v1"), rv: z.number(), start: z.string() });
type Continue = z.infer<typeof Continue>;

/** A later page shows the cluster as it was when the first was asked for; `asOf` shows all of it as it was then. */
export function listPage(
  store: Store,
  resource: Resource,
  namespace: string | null,
  query: ListQuery,
  asOf: number | null,
): JsonObject {
  const limit = limitOf(query.limit);
  const position = query.continue === undefined || query.continue === "" ? null : positionIn(query.continue);
  // With -1 the rest is asked for as it is now.
  const version = position === null || position.rv === -1 ? store.version() : position.rv;
  const undone = undoneEvents(store, version, asOf, position);
  const selects = selectorOf(query);
  const objects = asBefore(store.list(resource, namespace), resource, namespace, undone);
  const rest = objects
    .filter((object) => position === null || keyOfObject(object) >= position.start)
    .filter(selects);
  const items = rest.slice(0, limit).map(({ apiVersion: _, kind: __, ...item }) => item);
  const last = rest[limit - 1];
  const left = rest.length - items.length;
  const more =
    last === undefined || left === 0
      ? {}
      : {
          continue: cursorAt({ v: "meta.k8s.io/v1", rv: version, start: `${keyOfObject(last)}\0` }),
          ...(isSelective(query) ? {} : { remainingItemCount: left }),
        };
  return JSON.parse(
    JSON.stringify({
      kind: `${resource.kind}List`,
      apiVersion: apiVersionOf(resource),
      metadata: { resourceVersion: String(version), ...more },
      items,
    }),
  );
}

export function selectorOf(query: ListQuery): Selects {
  const [byLabel, byField] = [
    labelSelector(query.labelSelector ?? ""),
    fieldSelector(query.fieldSelector ?? ""),
  ];
  return (object) => byLabel(object) && byField(object);
}

function undoneEvents(store: Store, version: number, asOf: number | null, position: Continue | null) {
  if (asOf !== null) return store.after(asOf);
  if (version === store.version()) return [];
  const events = store.since(version);
  if (events !== null) return events;
  const start = position?.start ?? "";
  throw new Refusal(
    410,
    "Expired",
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
    undefined,
    { continue: cursorAt({ v: "meta.k8s.io/v1", rv: -1, start }) },
  );
}

function asBefore(
  objects: readonly Stored[],
  resource: Resource,
  namespace: string | null,
  undone: readonly Event[],
): readonly Stored[] {
  if (undone.length === 0) return objects;
  const byKey = new Map(objects.map((object) => [keyOfObject(object), object]));
  for (const { resource: changed, before, after } of [...undone].reverse()) {
    const object = before ?? after;
    if (changed !== nameOf(resource) || object === null) continue;
    if (namespace !== null && object.metadata.namespace !== namespace) continue;
    if (before === null) byKey.delete(keyOfObject(object));
    else byKey.set(keyOfObject(object), before);
  }
  return [...byKey].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object);
}

function keyOfObject({ metadata }: Stored): string {
  return keyOf(metadata.namespace ?? null, metadata.name);
}

function limitOf(text: string | undefined): number {
  if (text === undefined || text === "" || text === "0") return Number.MAX_SAFE_INTEGER;
  if (!/^\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Number(text);
}

function isSelective({ labelSelector: labels, fieldSelector: fields }: ListQuery): boolean {
  return Boolean(labels) || Boolean(fields);
}

function cursorAt(position: Continue): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

function positionIn(cursor: string): Continue {
  const bad = /[^A-Za-z0-9_-]/.exec(cursor);
  if (bad !== null) {
    const at = `illegal base64 data at input byte ${bad.index}`;
    throw badRequest(`invalid continue token: continue key is not valid: ${at}`);
  }
  try {
    return Continue.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch {
    throw badRequest("invalid continue token: continue key is not valid: invalid character");
  }
}
