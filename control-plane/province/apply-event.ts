import type { AuditEvent } from "../audit/record.ts";
import type { EventDraft } from "../events/publish.ts";
import { type CloudId, knownId } from "../kernel/ids.ts";
import { differencesOf } from "./difference.ts";
import type { Change } from "./plan.ts";
import type { Province } from "./province.ts";

/** Keeps the audit row of the largest plan well below 100 kB. */
const LISTED_CHARACTERS_MAX = 64_000;

type Counts = Record<string, Partial<Record<Change["action"], number>>>;

/** The audit row of one application: how many of each kind, which, and what was there before. */
export function applyEvent(desired: Province, changes: readonly Change[], prune: boolean): AuditEvent {
  const counts: Counts = {};
  const changed: Record<string, string[]> = {};
  let left = LISTED_CHARACTERS_MAX;
  let omitted = 0;
  for (const { kind, action, id } of changes) {
    const ofKind = counts[kind] ?? {};
    counts[kind] = { ...ofKind, [action]: (ofKind[action] ?? 0) + 1 };
    if (left < id.length) {
      omitted += 1;
      continue;
    }
    left -= id.length + 3;
    const list = `${action} ${kind}`;
    changed[list] ??= [];
    changed[list].push(id);
  }
  const { before, after, omittedValues } = valuesOf(changes, left);
  const code = desired.jurisdictions.find(({ spec }) => spec.level === "province")?.metadata.id;
  return {
    action: "province.apply",
    targetType: "province",
    targetId: code ?? "province",
    ...(Object.keys(before).length > 0 ? { before } : {}),
    after: { prune, counts, changed, omitted, values: after, omittedValues },
  };
}

type Values = Record<string, Record<string, unknown>>;

/** What is overwritten or deleted, field by field. What is created says itself what it is. */
function valuesOf(changes: readonly Change[], charactersMax: number) {
  const before: Values = {};
  const after: Values = {};
  let left = charactersMax;
  let omittedValues = 0;
  for (const change of changes) {
    if (change.action === "create") continue;
    const key = `${change.kind} ${change.id}`;
    const fields = change.action === "change" ? change.differences : differencesOf(change.before, {});
    left -= key.length + JSON.stringify(fields).length;
    if (left < 0) {
      omittedValues += 1;
      continue;
    }
    before[key] = Object.fromEntries(fields.map((field) => [field.path, field.before]));
    if (change.action === "change") {
      after[key] = Object.fromEntries(fields.map((field) => [field.path, field.after]));
    }
  }
  return { before, after, omittedValues };
}

/** Watchers of clouds look again. */
export function cloudEvents(changes: readonly Change[]): EventDraft[] {
  return changes
    .filter(({ kind }) => kind === "Cloud")
    .map(({ id, action }) => {
      const cloudId = knownId<CloudId>(id);
      return { type: "cloud.changed", subjectId: id, organizationId: null, cloudId, data: { action } };
    });
}
