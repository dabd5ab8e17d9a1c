import type { DocumentKind, DocumentOf, ProvinceDocument } from "./documents.ts";
import type { Change } from "./plan.ts";
import { parentOf } from "./references.ts";

type Deletion = Extract<Change, { action: "delete" }>;
type Write = Exclude<Change, Deletion>;

/** Neighbouring changes of one kind that can go to the database in one statement. */
export type Run =
  | { readonly action: "delete"; readonly kind: DocumentKind; readonly ids: readonly string[] }
  | {
      readonly action: "write";
      readonly kind: DocumentKind;
      readonly documents: readonly ProvinceDocument[];
    };

/** Splits a plan into runs without changing its order, save where the order inside a run decides. */
export function runsOf(changes: readonly Change[]): Run[] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const group = groups.at(-1);
    const previous = group?.at(-1);
    if (group === undefined || previous === undefined || !fitTogether(previous, change))
      groups.push([change]);
    else group.push(change);
  }
  return groups.flatMap(runOf);
}

function fitTogether(left: Change, right: Change): boolean {
  if (left.kind !== right.kind || (left.action === "delete") !== (right.action === "delete")) return false;
  return !moves(left) && !moves(right);
}

/**
 * The database's guards against cycles look at every row as it is written and at what is above it by then,
 * so a node that moves goes alone, after what is to be above it.
 */
function moves(change: Change): boolean {
  return change.action === "change" && parentOf(change.before)?.id !== parentOf(change.after)?.id;
}

function runOf(group: readonly Change[]): Run[] {
  const [first] = group;
  if (first === undefined) return [];
  if (first.action === "delete") {
    return [{ action: "delete", kind: first.kind, ids: group.map(({ id }) => id) }];
  }
  const documents = group
    .filter((change): change is Write => change.action !== "delete")
    .map(({ after }) => after);
  return [{ action: "write", kind: first.kind, documents: documents.toSorted(provincialCloudLast) }];
}

/** There may be only one at any moment: its predecessor steps down before it comes. */
function provincialCloudLast(left: ProvinceDocument, right: ProvinceDocument): number {
  return Number(isProvincial(left)) - Number(isProvincial(right));
}

function isProvincial(document: ProvinceDocument): boolean {
  return document.kind === "Cloud" && document.spec.tier === "provincial";
}

/** The documents of a kind before they were changed, beside what they become; null where they are new. */
export function writesOf<Kind extends DocumentKind>(
  changes: readonly Change[],
  kind: Kind,
): { readonly before: DocumentOf<Kind> | null; readonly after: DocumentOf<Kind> }[] {
  return changes.flatMap((change) => {
    if (change.action === "delete" || !isOf(change.after, kind)) return [];
    const before = change.action === "change" && isOf(change.before, kind) ? change.before : null;
    return [{ before, after: change.after }];
  });
}

function isOf<Kind extends DocumentKind>(
  document: ProvinceDocument,
  kind: Kind,
): document is DocumentOf<Kind> {
  return document.kind === kind;
}
