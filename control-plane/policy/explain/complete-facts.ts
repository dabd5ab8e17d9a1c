import { isRecord } from "../cel-facts.ts";
import { FACT_SHAPE, type FactSection, isListShape, isWords, type Shape } from "../fact-shape.ts";

/**
 * Facts as they were kept, with what has become a fact since: absent, as any fact is that nobody knows. Rules of then
 * do not read it, so that their verdict stays. Facts are only ever added.
 */
export function completeFacts(section: FactSection, kept: unknown): unknown {
  return complete(FACT_SHAPE[section], kept);
}

function complete(shape: Shape, kept: unknown): unknown {
  if (isListShape(shape))
    return Array.isArray(kept) ? kept.map((item) => complete(shape[0], item)) : (kept ?? []);
  if (isWords(shape)) return kept ?? shape.oneOf[0];
  if (typeof shape === "string") return kept ?? ABSENT[shape];
  const known = isRecord(kept) ? kept : {};
  return Object.fromEntries(
    Object.entries(shape).map(([field, inner]) => [field, complete(inner, known[field])]),
  );
}

const ABSENT = { string: "", int: 0, bool: false } as const;
