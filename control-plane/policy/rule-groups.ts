import { type FactPath, WHETHER } from "./expression.ts";
import { type FactSection, SUBJECT_SECTIONS, type Subject } from "./fact-shape.ts";
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

/** Groups the rules about a subject by what they read. */
export function ruleGroupsOf(subject: Subject, policies: readonly CompiledPolicy[]): RuleGroup[] {
  const groups = new Map<string, RuleGroup & { policies: RuleGroup["policies"][number][] }>();
  for (const [rank, policy] of policies.entries()) {
    const reads = readsOf(subject, policy);
    const key = JSON.stringify(reads);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { reads, policies: [{ policy, rank }] });
    else known.policies.push({ policy, rank });
  }
  return [...groups.values()];
}

function readsOf(subject: Subject, { match, validations, exemptions }: CompiledPolicy): SectionReads[] {
  const paths = [
    ...(match?.reads ?? []),
    ...validations.flatMap(factsOf),
    ...exemptions.flatMap(({ resources }) => resources.reads),
  ];
  return SUBJECT_SECTIONS[subject].flatMap((section) => {
    const fields = fieldsOf(paths.filter(([named]) => named === section));
    return fields.length === 0 ? [] : [{ section, paths: fields }];
  });
}

/** What is told of a validation is told only where it fails. */
function factsOf({ expression, actual, required }: CompiledPolicy["validations"][number]): FactPath[] {
  const known = expression.known?.join(".");
  const told = [...actual.reads, ...required.reads].filter((path) => path.join(".") !== known);
  return [...expression.reads, ...told];
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

/** What a path stands for in a section. */
export function factAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce(fieldOf, value);
}

/** The fields that have to be there for a path to be answered. */
export function fieldsIn(path: readonly string[]): readonly string[] {
  return path.filter((field) => !field.startsWith(WHETHER));
}

function fieldOf(value: unknown, field: string): unknown {
  if (field.startsWith(WHETHER)) return value === field.slice(WHETHER.length);
  return typeof value === "object" && value !== null ? Reflect.get(value, field) : undefined;
}
