import { differencesOf, type FieldDifference } from "./difference.ts";
import type { DocumentKind, ProvinceDocument } from "./documents.ts";
import { documentsOf, keyOf, type Province, provinceOf, rankOf, referenceKey } from "./province.ts";
import { parentOf, referencesOf } from "./references.ts";

interface Named {
  readonly kind: DocumentKind;
  readonly id: string;
}

export type Change =
  | (Named & { readonly action: "create"; readonly after: ProvinceDocument })
  | (Named & {
      readonly action: "change";
      readonly before: ProvinceDocument;
      readonly after: ProvinceDocument;
      readonly differences: readonly FieldDifference[];
    })
  | (Named & { readonly action: "delete"; readonly before: ProvinceDocument });

/**
 * The changes that turn `current` into `desired`, in an order in which each can be applied on its own:
 * - what is referred to comes before what refers to it, and is deleted after it;
 * - whatever nothing that stays refers to is deleted first, so that its successor (a new provincial cloud,
 *   a price list of the same day) meets no conflict;
 * - what is still referred to is deleted last, when the references have moved away.
 * Without `prune` nothing is deleted: documents that `desired` does not mention stay as they are.
 */
export function planChanges(
  current: Province,
  desired: Province,
  options: { readonly prune: boolean },
): Change[] {
  const before = new Map(documentsOf(current).map((document) => [keyOf(document), document]));
  const after = new Map(documentsOf(desired).map((document) => [keyOf(document), document]));
  const writes = inOrder([...after.values()]).flatMap((document) =>
    writeOf(before.get(keyOf(document)), document),
  );
  const gone = options.prune ? [...before.values()].filter((document) => !after.has(keyOf(document))) : [];
  const doomed = new Set(gone.map(keyOf));
  const needed = neededByOthers([...before.values()], doomed);
  const deletions = inOrder(gone).toReversed();
  return [
    ...deletions.filter((document) => !needed.has(keyOf(document))).map(deletionOf),
    ...writes,
    ...deletions.filter((document) => needed.has(keyOf(document))).map(deletionOf),
  ];
}

/** The province that a plan leads to; the checks between documents are to be run on it before it is applied. */
export function resultOf(current: Province, changes: readonly Change[]): Province {
  const documents = new Map(documentsOf(current).map((document) => [keyOf(document), document]));
  for (const change of changes) {
    const key = referenceKey(change.kind, change.id);
    if (change.action === "delete") documents.delete(key);
    else documents.set(key, change.after);
  }
  return provinceOf(documents.values());
}

function writeOf(before: ProvinceDocument | undefined, after: ProvinceDocument): Change[] {
  const named: Named = { kind: after.kind, id: after.metadata.id };
  if (before === undefined) return [{ ...named, action: "create", after }];
  const differences = differencesOf(before, after);
  return differences.length === 0 ? [] : [{ ...named, action: "change", before, after, differences }];
}

function deletionOf(before: ProvinceDocument): Change {
  return { action: "delete", kind: before.kind, id: before.metadata.id, before };
}

/** The doomed that something else refers to today, and whatever those refer to in turn. */
function neededByOthers(documents: readonly ProvinceDocument[], doomed: ReadonlySet<string>): Set<string> {
  const byKey = new Map(documents.map((document) => [keyOf(document), document]));
  const needed = new Set<string>();
  const queue = documents.filter((document) => !doomed.has(keyOf(document)));
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const { kind, id } of referencesOf(at)) {
      const key = referenceKey(kind, id);
      const target = byKey.get(key);
      if (target === undefined || !doomed.has(key) || needed.has(key)) continue;
      needed.add(key);
      queue.push(target);
    }
  }
  return needed;
}

/** By kind, then parents before children, then by id: the same documents always come in the same order. */
function inOrder(documents: readonly ProvinceDocument[]): ProvinceDocument[] {
  const depths = depthsOf(documents);
  const depth = (document: ProvinceDocument) => depths.get(keyOf(document)) ?? 0;
  return documents.toSorted(
    (a, b) =>
      rankOf(a.kind) - rankOf(b.kind) || depth(a) - depth(b) || (a.metadata.id < b.metadata.id ? -1 : 1),
  );
}

function depthsOf(documents: readonly ProvinceDocument[]): Map<string, number> {
  const parents = new Map<string, string>();
  for (const document of documents) {
    const parent = parentOf(document);
    if (parent !== null) parents.set(keyOf(document), referenceKey(parent.kind, parent.id));
  }
  const depths = new Map<string, number>();
  for (const document of documents) {
    // Bounded, because the current province may come from a store that has not been checked for cycles.
    let depth = 0;
    let at = parents.get(keyOf(document));
    while (at !== undefined && depth <= documents.length) {
      depth += 1;
      at = parents.get(at);
    }
    depths.set(keyOf(document), depth);
  }
  return depths;
}
