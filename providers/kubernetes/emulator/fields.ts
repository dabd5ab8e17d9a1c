import { isObject, type Json, type JsonObject, sameJson } from "./objects.ts";

/** Lists whose items are known by a key; every other list is one value. */
const LIST_KEYS: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  volumes: "name",
  env: "name",
  volumeMounts: "mountPath",
  conditions: "type",
};

/** What the API server itself looks after. */
const UNOWNED = new Set([
  "apiVersion",
  "kind",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "metadata.resourceVersion",
  "metadata.generation",
  "metadata.creationTimestamp",
  "metadata.deletionTimestamp",
  "metadata.managedFields",
  "metadata.ownerReferences",
  "metadata.finalizers",
]);

/** A way through an object: names of fields, and `{"name":"main"}` for an item of a keyed list. */
export type Path = readonly string[];

/** The ways to everything that an object says, in the order in which it says it. */
export function pathsOf(value: Json | undefined, at: Path = []): Path[] {
  if (at.length <= 2 && UNOWNED.has(at.join("."))) return [];
  if (isObject(value)) {
    const inside = Object.entries(value).flatMap(([name, child]) => pathsOf(child, [...at, name]));
    return inside.length > 0 || at.length === 0 ? inside : [at];
  }
  const key = LIST_KEYS[at.at(-1) ?? ""];
  if (!Array.isArray(value) || key === undefined) return value === undefined ? [] : [at];
  return value.flatMap((item: Json) =>
    pathsOf(item, [...at, JSON.stringify({ [key]: isObject(item) ? (item[key] ?? null) : null })]),
  );
}

export function valueAt(object: Json | undefined, path: Path): Json | undefined {
  let value: Json | undefined = object;
  for (const step of path) {
    if (Array.isArray(value)) value = value.find((item: Json) => isItem(item, step));
    else value = isObject(value) ? value[step] : undefined;
  }
  return value;
}

/** Lays one object over another: fields over fields, items over items of the same key. */
export function laidOver(base: Json | undefined, over: Json, name = ""): Json {
  if (isObject(over)) {
    const merged: Record<string, Json> = isObject(base) ? { ...base } : {};
    for (const [field, value] of Object.entries(over)) merged[field] = laidOver(merged[field], value, field);
    return merged;
  }
  const key = LIST_KEYS[name];
  if (!Array.isArray(over) || !Array.isArray(base) || key === undefined) return over;
  const keyOf = (item: Json) => (isObject(item) ? item[key] : undefined);
  const kept = base.map((item: Json) => {
    const match = over.find((other: Json) => sameJson(keyOf(other), keyOf(item)));
    return match === undefined ? item : laidOver(item, match);
  });
  const added = over.filter((item: Json) => !base.some((other: Json) => sameJson(keyOf(other), keyOf(item))));
  return [...kept, ...added];
}

/** Without what lies at the end of the way, and without what that leaves empty. */
export function without(value: Json | undefined, path: Path): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return undefined;
  if (Array.isArray(value)) {
    const items = value.flatMap((item: Json) => {
      const left = isItem(item, step) ? without(item, rest) : item;
      return left === undefined || (isItem(item, step) && isOnlyKey(left, step)) ? [] : [left];
    });
    return items.length === 0 ? undefined : items;
  }
  if (!isObject(value)) return value;
  const left = without(value[step], rest);
  const { [step]: _, ...others } = value;
  if (left !== undefined) return { ...value, [step]: left };
  return Object.keys(others).length === 0 ? undefined : others;
}

/** As `managedFields` writes it: `f:name` for a field, `k:{"name":"main"}` for an item. */
export function fieldsV1(paths: readonly Path[]): JsonObject {
  const tree: Record<string, Json> = {};
  for (const path of paths) {
    let at = tree;
    for (const step of path) {
      const name = step.startsWith("{") ? `k:${step}` : `f:${step}`;
      const next: Record<string, Json> = { ...(isObject(at[name]) ? at[name] : {}) };
      at[name] = next;
      at = next;
    }
  }
  return tree;
}

export function pathsIn(tree: JsonObject, at: Path = []): Path[] {
  const inside = Object.entries(tree).flatMap(([name, child]) =>
    isObject(child) ? pathsIn(child, [...at, name.slice(2)]) : [],
  );
  return inside.length > 0 || at.length === 0 ? inside : [at];
}

/** `.spec.template.spec.containers[name="main"].image` */
export function shown(path: Path): string {
  return path
    .map((step) => (step.startsWith("{") ? `[${step.slice(2, -1).replace('":', "=")}]` : `.${step}`))
    .join("");
}

function isItem(item: Json, step: string): boolean {
  if (!step.startsWith("{") || !isObject(item)) return false;
  const key = JSON.parse(step);
  return Object.entries(key).every(([name, value]) => item[name] === value);
}

function isOnlyKey(item: Json, step: string): boolean {
  return sameJson(item, JSON.parse(step));
}
