import type { ServerResponse } from "node:http";
import { type ListQuery, selectorOf } from "./lists.ts";
import type { Stored } from "./objects.ts";
import type { Resource } from "./resources.ts";
import { type Event, nameOf, type Store } from "./store.ts";

export interface WatchQuery extends ListQuery {
  readonly resourceVersion?: string;
  readonly timeoutSeconds?: string;
}

const SECONDS_DEFAULT = 1_800;

/** A stream of changes, one JSON line each, until the time is over or the reader goes. */
export function watch(
  store: Store,
  resource: Resource,
  namespace: string | null,
  query: WatchQuery,
  outgoing: ServerResponse,
): void {
  const selects = selectorOf(query);
  outgoing.writeHead(200, { "content-type": "application/json" });
  const write = (type: string, object: unknown) => outgoing.write(`${JSON.stringify({ type, object })}\n`);
  const pass = (event: Event) => {
    const change = changeFor(event, resource, namespace, selects);
    if (change !== null) write(change.type, change.object);
  };
  const from = Number(query.resourceVersion ?? "0");
  const missed = from === 0 ? [] : store.since(from);
  if (missed === null) {
    const message = `too old resource version: ${from} (${store.version()})`;
    const failure = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message };
    write("ERROR", { ...failure, reason: "Expired", code: 410 });
    outgoing.end();
    return;
  }
  // Without a version everything that is there comes first, as if it had just been made.
  const present = from === 0 ? store.list(resource, namespace).filter(selects) : [];
  for (const object of present) write("ADDED", object);
  for (const event of missed) pass(event);
  const stop = store.onChange(pass);
  const seconds = Number(query.timeoutSeconds ?? SECONDS_DEFAULT);
  const timer = setTimeout(() => outgoing.end(), seconds * 1000);
  timer.unref();
  outgoing.once("close", () => {
    clearTimeout(timer);
    stop();
  });
}

/** What begins to match is added for this reader, and what ceases to is deleted. */
function changeFor(
  { resource: changed, before, after }: Event,
  resource: Resource,
  namespace: string | null,
  selects: (object: Stored) => boolean,
): { readonly type: string; readonly object: Stored } | null {
  const object = after ?? before;
  if (changed !== nameOf(resource) || object === null) return null;
  if (namespace !== null && object.metadata.namespace !== namespace) return null;
  const [was, is] = [before !== null && selects(before), after !== null && selects(after)];
  if (!was && !is) return null;
  if (!is) return { type: "DELETED", object };
  return { type: was ? "MODIFIED" : "ADDED", object };
}
