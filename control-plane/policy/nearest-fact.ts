import {
  FACT_SHAPE,
  type FactSection,
  isListShape,
  isWords,
  type Shape,
  SUBJECT_SECTIONS,
  type Subject,
} from "./fact-shape.ts";

/** More different than this is another word, not a slip. */
const SLIPS_MAX = 3;

/** The fact that was probably meant by the name that ends or stands at `offset`; null where none is near. */
export function nearestFact(subject: Subject, text: string, offset: number): string | null {
  const written = nameAt(text, offset);
  if (written === "") return null;
  const paths = SUBJECT_SECTIONS[subject].flatMap((section) => pathsOf(section));
  // Of an element of a list only the field is known, since its variable has a name of its own.
  const lists = paths.filter((path) => path.includes("[]"));
  const plain = paths.filter((path) => !path.includes("[]"));
  const field = written.slice(written.lastIndexOf(".") + 1);
  return (
    nearest(written, plain, (path) => path) ??
    nearest(field, lists, (path) => path.slice(path.lastIndexOf(".") + 1))
  );
}

/** `offset` points at the dot of an unknown field, or at the beginning of an unknown name. */
function nameAt(text: string, offset: number): string {
  const before = /[\w.]*$/.exec(text.slice(0, offset))?.[0] ?? "";
  const after = /^[\w.]*/.exec(text.slice(offset))?.[0] ?? "";
  return `${before}${after}`;
}

function nearest(written: string, paths: readonly string[], wordOf: (path: string) => string): string | null {
  let best: { path: string; slips: number } | null = null;
  for (const path of paths) {
    const slips = slipsBetween(written, wordOf(path));
    if (slips <= SLIPS_MAX && (best === null || slips < best.slips)) best = { path, slips };
  }
  return best?.path ?? null;
}

function pathsOf(section: FactSection): string[] {
  return pathsIn(section, FACT_SHAPE[section]);
}

function pathsIn(path: string, shape: Shape): string[] {
  if (typeof shape === "string" || isWords(shape)) return [path];
  if (isListShape(shape)) return [path, ...pathsIn(`${path}[]`, shape[0])];
  return Object.entries(shape).flatMap(([field, inner]) => pathsIn(`${path}.${field}`, inner));
}

/** Levenshtein's distance: letters added, left out or exchanged. */
function slipsBetween(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (const [at, letter] of [...left].entries()) {
    const next = [at + 1];
    for (const [column, other] of [...right].entries()) {
      const exchanged = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(exchanged, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
