import { FactError, isRecord } from "./cel-facts.ts";
import { FACT_SHAPE, isListShape, isWords, type Shape } from "./fact-shape.ts";
import type { AssessmentFacts } from "./facts.ts";

/**
 * The facts with some of them replaced: objects are merged field by field, lists as a whole.
 * @throws FactError for a field that does not exist or a value of the wrong type
 */
export function mergeFacts(facts: AssessmentFacts, changes: unknown): AssessmentFacts {
  return shapedFacts(merge(FACT_SHAPE, facts, changes ?? {}, ""));
}

/** Safe because `merge` has checked every changed value against the shape, which equals the type. */
function shapedFacts(merged: unknown): AssessmentFacts {
  return merged as AssessmentFacts;
}

function merge(shape: Shape, base: unknown, change: unknown, path: string): unknown {
  const refuse = (expected: string) => new FactError(`fact ${path} must be ${expected}`);
  if (isWords(shape)) {
    if (typeof change === "string" && shape.oneOf.includes(change)) return change;
    throw refuse(`one of ${shape.oneOf.join(", ")}`);
  }
  if (shape === "string") return typeof change === "string" ? change : fail(refuse("text"));
  if (shape === "bool") return typeof change === "boolean" ? change : fail(refuse("true or false"));
  if (shape === "int") return Number.isSafeInteger(change) ? change : fail(refuse("a whole number"));
  if (isListShape(shape)) {
    if (!Array.isArray(change)) throw refuse("a list");
    return change.map((element, index) => merge(shape[0], undefined, element, `${path}[${index}]`));
  }
  if (!isRecord(change)) throw refuse("an object");
  const known = isRecord(base) ? base : {};
  const unknownField = Object.keys(change).find((field) => !Object.hasOwn(shape, field));
  if (unknownField !== undefined) throw new FactError(`unknown fact ${join(path, unknownField)}`);
  return Object.fromEntries(
    Object.entries(shape).map(([field, inner]) => {
      const at = join(path, field);
      const replaced = Object.hasOwn(change, field) || !Object.hasOwn(known, field);
      return [field, replaced ? merge(inner, known[field], change[field], at) : known[field]];
    }),
  );
}

function fail(error: FactError): never {
  throw error;
}

function join(path: string, field: string): string {
  return path === "" ? field : `${path}.${field}`;
}
