/** One field that differs. `path` is dotted; an entry of a list of objects is named by its id. Null means absent. */
export interface FieldDifference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * Field by field, in the order of the fields' names. The documents' lists are sets (traits, zones),
 * so the order of their entries is no difference. An absent field equals null.
 */
export function differencesOf(before: unknown, after: unknown, path = ""): FieldDifference[] {
  if (isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
    return names.flatMap((name) =>
      differencesOf(before[name], after[name], path === "" ? name : `${path}.${name}`),
    );
  }
  if (Array.isArray(before) && Array.isArray(after)) return listDifferences(before, after, path);
  if ((before ?? null) === (after ?? null)) return [];
  return [{ path, before: before ?? null, after: after ?? null }];
}

function listDifferences(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
): FieldDifference[] {
  const left = byId(before);
  const right = byId(after);
  if (left === null || right === null) {
    return sameSet(before, after) ? [] : [{ path, before, after }];
  }
  const ids = [...new Set([...left.keys(), ...right.keys()])].toSorted();
  return ids.flatMap((id) => differencesOf(left.get(id), right.get(id), `${path}[${id}]`));
}

function byId(list: readonly unknown[]): Map<string, unknown> | null {
  const entries = new Map<string, unknown>();
  for (const entry of list) {
    if (!isRecord(entry) || typeof entry.id !== "string") return null;
    entries.set(entry.id, entry);
  }
  return entries;
}

function sameSet(before: readonly unknown[], after: readonly unknown[]): boolean {
  const text = (list: readonly unknown[]) =>
    JSON.stringify(list.map((entry) => JSON.stringify(entry)).toSorted());
  return text(before) === text(after);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
