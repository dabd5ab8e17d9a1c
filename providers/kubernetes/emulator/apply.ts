import { fieldsV1, laidOver, type Path, pathsIn, pathsOf, shown, valueAt, without } from "./fields.ts";
import { JsonObject, type ManagedFields, partOf, Stored, sameJson } from "./objects.ts";
import { Refusal } from "./status.ts";

export interface Manager {
  readonly name: string;
  readonly operation: "Apply" | "Update";
}

interface Owned {
  readonly manager: Manager;
  readonly paths: readonly Path[];
}

/**
 * Server-side apply: what the manager says is laid over the object, what it said before and says no longer is
 * taken away, and what another manager has set otherwise is a conflict, or with `force` taken over.
 */
export function applied(
  live: JsonObject | null,
  config: JsonObject,
  manager: string,
  force: boolean,
): { readonly object: JsonObject; readonly owned: readonly Owned[] } {
  const self: Manager = { name: manager, operation: "Apply" };
  const said = pathsOf(config);
  const owned = ownedIn(live);
  const others = owned.filter((entry) => !sameManager(entry.manager, self));
  const before = owned.find((entry) => sameManager(entry.manager, self))?.paths ?? [];

  const conflicts = others.flatMap((entry) =>
    entry.paths
      .filter((path) => includes(said, path))
      .filter((path) => !sameJson(valueAt(live ?? {}, path), valueAt(config, path)))
      .map((path) => ({ manager: entry.manager.name, path })),
  );
  if (conflicts.length > 0 && !force) throw refusedFor(conflicts);
  const left = others.map((entry) => ({
    ...entry,
    paths: entry.paths.filter((path) => !conflicts.some((taken) => samePath(taken.path, path))),
  }));
  let object: JsonObject = JsonObject.parse(laidOver(live ?? {}, config));
  for (const path of before) {
    const elsewhere = left.some((entry) => includes(entry.paths, path));
    if (!includes(said, path) && !elsewhere) object = JsonObject.parse(without(object, path) ?? {});
  }
  return { object, owned: [{ manager: self, paths: said }, ...left].filter(({ paths }) => paths.length > 0) };
}

/** After any other change: what became different belongs to whoever changed it. */
export function updated(live: JsonObject | null, object: JsonObject, manager: string): readonly Owned[] {
  const self: Manager = { name: manager, operation: "Update" };
  const now = pathsOf(object);
  const changed = now.filter((path) => !sameJson(valueAt(live ?? {}, path), valueAt(object, path)));
  const owned = ownedIn(live).map((entry) => ({
    ...entry,
    paths: entry.paths.filter((path) => includes(now, path) && !includes(changed, path)),
  }));
  const mine = owned.find((entry) => sameManager(entry.manager, self))?.paths ?? [];
  const others = owned.filter((entry) => !sameManager(entry.manager, self));
  return [...others, { manager: self, paths: [...mine, ...changed] }].filter(({ paths }) => paths.length > 0);
}

/** The entries as they are written into the object; one that has not changed keeps its time. */
export function managedFields(
  owned: readonly Owned[],
  live: JsonObject | null,
  apiVersion: string,
  time: string,
): ManagedFields[] {
  const before = entriesIn(live);
  return owned.map(({ manager, paths }) => {
    const fields = fieldsV1(paths);
    const known = before.find(
      (entry) =>
        entry.manager === manager.name &&
        entry.operation === manager.operation &&
        sameJson(entry.fieldsV1, fields),
    );
    const { name, operation } = manager;
    return known ?? { manager: name, operation, apiVersion, time, fieldsType: "FieldsV1", fieldsV1: fields };
  });
}

function ownedIn(live: JsonObject | null): Owned[] {
  return entriesIn(live).map(({ manager, operation, fieldsV1: tree }) => ({
    manager: { name: manager, operation },
    paths: pathsIn(tree),
  }));
}

function entriesIn(live: JsonObject | null): ManagedFields[] {
  return Stored.shape.metadata.shape.managedFields.parse(partOf(live, "metadata").managedFields) ?? [];
}

function refusedFor(conflicts: readonly { readonly manager: string; readonly path: Path }[]): Refusal {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with "${manager}"`,
    field: shown(path),
  }));
  const [first] = causes;
  const message =
    causes.length === 1
      ? `Apply failed with 1 conflict: ${first?.message}: ${first?.field}`
      : `Apply failed with ${causes.length} conflicts: ${causes.map(({ message: one, field }) => `${one}: ${field}`).join("\n- ")}`;
  return new Refusal(409, "Conflict", message, { causes });
}

function includes(paths: readonly Path[], path: Path): boolean {
  return paths.some((other) => samePath(other, path));
}

function samePath(left: Path, right: Path): boolean {
  return left.length === right.length && left.every((step, index) => step === right[index]);
}

function sameManager(left: Manager, right: Manager): boolean {
  return left.name === right.name && left.operation === right.operation;
}
