import { digest } from "./hash.ts";

/** JSON that many things hold alike, kept once under its digest. */
export interface SharedText {
  readonly digest: string;
  readonly text: string;
}

/** What stands in its place in the JSON of whatever holds it. Nothing that a caller writes has this form. */
export interface Reference {
  readonly $shared: string;
}

const TEXTS = new WeakMap<object, SharedText>();

/** A copy of the list of which JSON shows a reference; used like any other list otherwise. */
export function shareable<Item>(list: readonly Item[]): readonly Item[] {
  const copy = [...list];
  const text = JSON.stringify(copy);
  const shared = { digest: digest(text), text };
  Object.defineProperty(copy, "toJSON", { value: (): Reference => ({ $shared: shared.digest }) });
  TEXTS.set(copy, shared);
  return copy;
}

/** Null for what `shareable` has not made. */
export function sharedTextOf(value: object): SharedText | null {
  return TEXTS.get(value) ?? null;
}

/** Text inside a string of JSON has its quotation marks escaped, so only an object can look like this. */
const REFERENCES = /\{"\$shared":"([0-9a-f]{64})"\}/g;

/** The digests of all references in a JSON text, each once. */
export function referencesIn(json: string): string[] {
  // Most answers hold none, and looking for a fixed word is quicker than an expression.
  if (!json.includes('{"$shared":"')) return [];
  return [...new Set([...json.matchAll(REFERENCES)].map(([, found = ""]) => found))];
}

/** The JSON with everything in its place; throws where a text is missing. */
export function completed(json: string, texts: ReadonlyMap<string, string>): string {
  return json.replaceAll(REFERENCES, (_, wanted: string) => {
    const text = texts.get(wanted);
    if (text === undefined) throw new Error(`no shared text ${wanted}`);
    return text;
  });
}
