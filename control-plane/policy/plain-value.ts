/** What `actual` and `required` look like on the wire. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

/** Turns a CEL value into plain JSON; whole numbers beyond 2^53 become text, so that no digit is lost. */
export function plainValue(value: unknown): PlainValue {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "bigint":
      return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "object":
      return value === null ? null : plainObject(value);
    default:
      return String(value);
  }
}

function plainObject(value: object): PlainValue {
  if (Array.isArray(value)) return value.map(plainValue);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  // Durations and types of CEL keep their state private; their text is their value.
  if (entries.length === 0 && Object.getPrototypeOf(value) !== Object.prototype) return String(value);
  return Object.fromEntries(entries.map(([key, inner]) => [String(key), plainValue(inner)]));
}
