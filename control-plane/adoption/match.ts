import type { ObservedTenancy } from "../../providers/port.ts";
import type { AdoptRule, ImportRule } from "./rules.ts";

export type Matched =
  | { readonly rule: AdoptRule; readonly organizationId: string; readonly systemName: string }
  /** Said to be none of ours. */
  | { readonly left: string };

/** What the first rule that matches says of a tenancy; null where none does. Pure. */
export function matchRules(rules: readonly ImportRule[], tenancy: ObservedTenancy): Matched | null {
  for (const rule of rules) {
    const words = wordsOf(rule.match, tenancy);
    if (words === null) continue;
    if ("leave" in rule) return { left: rule.leave };
    return {
      rule,
      organizationId: filled(rule.organization, words),
      systemName: filled(rule.system.name, words),
    };
  }
  return null;
}

const FIELDS = ["name", "displayName", "accessGroup", "pool"] as const;

type Words = ReadonlyMap<string, string>;

/** The words that the patterns have caught; null where one of them does not match. */
function wordsOf(match: ImportRule["match"], tenancy: ObservedTenancy): Words | null {
  const words = new Map<string, string>();
  for (const field of FIELDS) {
    const pattern = match[field];
    if (pattern === undefined) continue;
    const text = tenancy[field] ?? "";
    const caught = expressionOf(pattern).exec(text);
    if (caught === null) return null;
    for (const [word, value] of Object.entries(caught.groups ?? {})) words.set(word, value);
  }
  return words;
}

function expressionOf(pattern: string): RegExp {
  const pieces = pattern.split(/(\*|\{[a-z]+\})/).map((piece) => {
    if (piece === "*") return ".*";
    if (/^\{[a-z]+\}$/.test(piece)) return `(?<${piece.slice(1, -1)}>.+?)`;
    return piece.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  });
  return new RegExp(`^${pieces.join("")}$`, "su");
}

/** A word that nothing has caught stays as it is written, and is then found to name nobody. */
function filled(text: string, words: Words): string {
  return text.replaceAll(/\{([a-z]+)\}/g, (written, word: string) => words.get(word) ?? written);
}
