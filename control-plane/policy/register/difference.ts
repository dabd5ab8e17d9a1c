import { canonicalJson } from "../../kernel/hash.ts";
import { type PlainValue, plainValue } from "../plain-value.ts";
import type { PolicyDocument } from "../schema.ts";

/** One place in which two versions differ; null where one of them says nothing. */
export interface Change {
  /** `spec.validations[pool].expression` */
  readonly path: string;
  readonly before: PlainValue;
  readonly after: PlainValue;
}

/** What a version says otherwise than the one before it, for people to read. Against nothing, all that it says. */
export function differenceOf(before: PolicyDocument | null, after: PolicyDocument): Change[] {
  return changesIn("", before === null ? null : plainValue(before), plainValue(after));
}

/** The same as lines: `spec.action: "warn" -> "deny"`. */
export function readable(changes: readonly Change[]): string[] {
  return changes.map(({ path, before, after }) => {
    if (before === null) return `+ ${path}: ${canonicalJson(after)}`;
    if (after === null) return `- ${path}: ${canonicalJson(before)}`;
    return `  ${path}: ${canonicalJson(before)} -> ${canonicalJson(after)}`;
  });
}

function changesIn(path: string, before: PlainValue, after: PlainValue): Change[] {
  const [left, right] = [partsOf(before), partsOf(after)];
  if (left === null && right === null) {
    return canonicalJson(before) === canonicalJson(after) ? [] : [{ path, before, after }];
  }
  // Where a list stands instead of a word, there is no part to compare with.
  if ((left === null && before !== null) || (right === null && after !== null))
    return [{ path, before, after }];
  // Sorted: the database has an order of its own for the fields of a document.
  const keys = new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])]);
  return [...keys]
    .sort()
    .flatMap((key) =>
      changesIn(
        path === "" ? key : `${path}${key.startsWith("[") ? "" : "."}${key}`,
        left?.get(key) ?? null,
        right?.get(key) ?? null,
      ),
    );
}

/** What has an id is known by it, so that a validation that was moved is the same; other lists are told by place. */
function partsOf(value: PlainValue): Map<string, PlainValue> | null {
  if (typeof value !== "object" || value === null) return null;
  if (!isList(value)) return new Map(Object.entries(value));
  return new Map(value.map((item, at) => [`[${nameOf(item) ?? at}]`, item]));
}

function nameOf(item: PlainValue): string | null {
  if (typeof item !== "object" || item === null || isList(item)) return null;
  return typeof item.id === "string" ? item.id : null;
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}
