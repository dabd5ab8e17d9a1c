import {
  FACT_SHAPE,
  type FactSection,
  isListShape,
  isWords,
  type ObjectShape,
  type Shape,
} from "./fact-shape.ts";

/** A fact that is not of its declared type: a defect of whoever gathered the facts, never a verdict. */
export class FactError extends TypeError {}

class CelObject {
  [field: string]: unknown;
}

/** A type of CEL: its name, the class whose instances it has, and its fields' types. */
interface CelType {
  readonly name: string;
  readonly ctor: typeof CelObject;
  readonly fields: Readonly<Record<string, string>>;
}

/** Fields that are wanted of an object, each with those that are wanted of it; absent: everything. */
export interface Wanted {
  readonly [field: string]: Wanted | undefined;
}

interface Converter {
  /** The name of the type in CEL. */
  readonly type: string;
  convert(value: unknown, wanted?: Wanted): unknown;
}

/** Children come before their parents, as CEL wants them registered. */
export const CEL_TYPES: CelType[] = [];

const leaves = {
  string: (path: string) => (value: unknown) =>
    typeof value === "string" ? value : refuse(path, "text", value),
  bool: (path: string) => (value: unknown) =>
    typeof value === "boolean" ? value : refuse(path, "true or false", value),
  // CEL's int is 64 bits wide; a plain number would be a double and would not compare with `3`.
  int: (path: string) => (value: unknown) =>
    Number.isSafeInteger(value) ? BigInt(Number(value)) : refuse(path, "a whole number", value),
};

function refuse(path: string, expected: string, value: unknown): never {
  throw new FactError(
    `fact ${path} must be ${expected}, not ${value === undefined ? "absent" : typeof value}`,
  );
}

function converterOf(path: string, shape: Shape): Converter {
  if (isWords(shape)) return { type: "string", convert: leaves.string(path) };
  if (typeof shape === "string") return { type: shape, convert: leaves[shape](path) };
  if (isListShape(shape)) {
    const element = converterOf(`${path}[]`, shape[0]);
    return {
      type: `list<${element.type}>`,
      convert: (value) =>
        Array.isArray(value) ? value.map((one) => element.convert(one)) : refuse(path, "a list", value),
    };
  }
  return objectConverter(path, shape);
}

function objectConverter(path: string, shape: ObjectShape): Converter {
  const fields = Object.entries(shape).map(
    ([field, inner]) => [field, converterOf(`${path}.${field}`, inner)] as const,
  );
  const name = `facts.${path.replaceAll("[]", "")}`;
  const ctor = class extends CelObject {};
  CEL_TYPES.push({
    name,
    ctor,
    fields: Object.fromEntries(fields.map(([field, inner]) => [field, inner.type])),
  });
  return {
    type: name,
    convert(value, wanted) {
      const source = isRecord(value) ? value : refuse(path, "an object", value);
      const target = new ctor();
      for (const [field, inner] of fields) {
        if (wanted !== undefined && !Object.hasOwn(wanted, field)) continue;
        target[field] = inner.convert(source[field], wanted?.[field]);
      }
      return target;
    },
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const sections = new Map(
  Object.entries(FACT_SHAPE).map(([section, shape]) => [section, converterOf(section, shape)]),
);

function converterFor(section: FactSection): Converter {
  const found = sections.get(section);
  if (found === undefined) throw new FactError(`unknown fact ${section}`);
  return found;
}

export function celTypeOf(section: FactSection): string {
  return converterFor(section).type;
}

/** Turns one section of the facts into CEL values. @throws FactError */
export function toCel(section: FactSection, value: unknown): unknown {
  return converterFor(section).convert(value);
}

/** The same, of what is wanted only: for expressions that are known to name nothing else. @throws FactError */
export function toCelOf(section: FactSection, value: unknown, wanted: Wanted | undefined): unknown {
  return converterFor(section).convert(value, wanted);
}

/** Everything that paths below a section name; absent where one of them names the section as a whole. */
export function wantedBy(paths: readonly (readonly string[])[]): Wanted | undefined {
  const fields = new Map<string, (readonly string[])[]>();
  for (const [first, ...rest] of paths) {
    if (first === undefined) return undefined;
    fields.set(first, [...(fields.get(first) ?? []), rest]);
  }
  return Object.fromEntries([...fields].map(([field, below]) => [field, wantedBy(below)]));
}
