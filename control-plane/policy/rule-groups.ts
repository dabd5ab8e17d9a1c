import type { FactPath } from "./expression.ts";
import { type FactSection, SUBJECT_SECTIONS } from "./fact-shape.ts";
import type { CompiledPolicy } from "./policy-set.ts";

/** What rules read of one section. */
export interface SectionReads {
  readonly section: FactSection;
  /** Below the section, each once; an empty one stands for the section as a whole. */
  readonly paths: readonly (readonly string[])[];
}

/** Rules that read the same facts, and so tell apart the same places. */
export interface RuleGroup {
  readonly reads: readonly SectionReads[];
  /** With their rank in the set, in which violations are told. */
  readonly policies: readonly { readonly policy: CompiledPolicy; readonly rank: number }[];
}

/** Groups rules by what they read. */
export function ruleGroupsOf(policies: readonly CompiledPolicy[]): RuleGroup[] {
  const groups = new Map<string, RuleGroup & { policies: RuleGroup["policies"][number][] }>();
  for (const [rank, policy] of policies.entries()) {
    const reads = readsOf(policy);
    const key = JSON.stringify(reads);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { reads, policies: [{ policy, rank }] });
    else known.policies.push({ policy, rank });
  }
  return [...groups.values()];
}

function readsOf({ subject, match, validations }: CompiledPolicy): SectionReads[] {
  const expressions = [match, ...validations.flatMap((one) => [one.expression, one.actual, one.required])];
  const paths = expressions.flatMap((expression) => expression?.reads ?? []);
  const sections: readonly FactSection[] = SUBJECT_SECTIONS[subject];
  return sections.flatMap((section) => {
    const fields = fieldsOf(paths.filter(([named]) => named === section));
    return fields.length === 0 ? [] : [{ section, paths: fields }];
  });
}

/** In one order, so that equal groups are found to be equal. */
function fieldsOf(paths: readonly FactPath[]): string[][] {
  const distinct = new Map(paths.map(([, ...fields]) => [fields.join("."), fields]));
  return [...distinct.keys()].sort().flatMap((key) => [distinct.get(key) ?? []]);
}

/** Equal for two sections of facts exactly where everything that is read of them is. */
export function profileOf(value: unknown, paths: SectionReads["paths"]): string {
  return JSON.stringify(paths.map((path) => path.reduce(fieldOf, value)));
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, field) : undefined;
}
