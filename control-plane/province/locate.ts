import { type Document, isCollection, isMap, isPair, isScalar, type LineCounter } from "yaml";
import type { DocumentPath } from "./references.ts";

/** One-based, as editors count. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * Where the value at `path` is written. A missing value is shown at the innermost thing that exists,
 * a mapping or list at its key, because that is where a reader looks.
 */
export function positionOf(document: Document, lines: LineCounter, path: DocumentPath): Position {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? document.range?.[0] ?? 0;
  for (const step of path) {
    const next = stepInto(node, step);
    if (next === null) break;
    offset = next.offset;
    node = next.node;
  }
  return positionAt(lines, offset);
}

export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function stepInto(node: unknown, step: string | number): { node: unknown; offset: number } | null {
  if (isMap(node)) {
    for (const pair of node.items) {
      if (!isPair(pair) || !isScalar(pair.key) || String(pair.key.value) !== String(step)) continue;
      const offset = isCollection(pair.value)
        ? startOf(pair.key)
        : (startOf(pair.value) ?? startOf(pair.key));
      return offset === null ? null : { node: pair.value, offset };
    }
    return null;
  }
  if (isCollection(node) && typeof step === "number") {
    const item: unknown = node.items[step];
    const offset = startOf(item);
    return offset === null ? null : { node: item, offset };
  }
  return null;
}

function startOf(node: unknown): number | null {
  if (!isScalar(node) && !isCollection(node)) return null;
  return node.range?.[0] ?? null;
}
