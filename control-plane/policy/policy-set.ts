import { digestOf } from "../kernel/hash.ts";
import type { Text } from "../kernel/text.ts";
import type { CompiledExemption } from "./exemption.ts";
import type { CompiledExpression } from "./expression.ts";
import type { Subject } from "./fact-shape.ts";
import type { PlacementPreferences, PolicyDocument, Severity } from "./schema.ts";

export interface CompiledValidation {
  readonly id: string | null;
  readonly message: Text;
  readonly expression: CompiledExpression;
  readonly actual: CompiledExpression;
  readonly required: CompiledExpression;
}

/** A policy that is ready to be evaluated; its expressions were parsed and type-checked once. */
export interface CompiledPolicy {
  readonly pack: string;
  /** Where it was read, for people. */
  readonly file: string;
  readonly document: PolicyDocument;
  readonly subject: Subject;
  readonly severity: Severity;
  /** The part of the province that it is for; null where that is all of it. */
  readonly scope: CompiledExpression | null;
  /** Where the rule applies, which is never outside its scope; null where it applies everywhere. */
  readonly match: CompiledExpression | null;
  readonly validations: readonly CompiledValidation[];
  /** Those that are in force, in the order of their ids. */
  readonly exemptions: readonly CompiledExemption[];
}

export interface PolicySet {
  /** Sorted by pack and id. */
  readonly policies: readonly CompiledPolicy[];
  /** Names ids, versions and contents of the rules: where no exemption differs either, two sets decide alike. */
  readonly digest: string;
  /** Of all exemptions in force, sorted. */
  readonly exemptionIds: readonly string[];
  /** Names the exemptions too: two sets with one full digest decide alike. */
  readonly fullDigest: string;
  /** In the order of `policies`. A running tenancy is judged by the placement rules as well as its own. */
  readonly bySubject: Readonly<Record<Subject, readonly CompiledPolicy[]>>;
  readonly byId: ReadonlyMap<string, CompiledPolicy>;
  /** Null where no policy states any. */
  readonly preferences: PlacementPreferences | null;
}

export function policySetOf(policies: readonly CompiledPolicy[]): PolicySet {
  const sorted = policies.toSorted((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1));
  const about = (...subjects: Subject[]) => sorted.filter(({ subject }) => subjects.includes(subject));
  const digest = digestOf(sorted.map(({ pack, document }) => ({ pack, document })));
  const ids = sorted.flatMap(({ exemptions }) => exemptions.map(({ applied }) => applied.id));
  const exemptionIds = [...new Set(ids)].sort();
  return {
    policies: sorted,
    digest,
    exemptionIds,
    fullDigest: exemptionIds.length === 0 ? digest : digestOf([digest, exemptionIds]),
    bySubject: {
      request: about("request"),
      placement: about("placement"),
      tenancy: about("placement", "tenancy"),
      resource: about("resource"),
      cloud: about("cloud"),
      organization: about("organization"),
    },
    byId: new Map(sorted.map((policy) => [policy.document.metadata.id, policy])),
    preferences: sorted.map(preferencesIn).find((found) => found !== null) ?? null,
  };
}

export function preferencesIn({ document }: CompiledPolicy): PlacementPreferences | null {
  return document.kind === "AllocationPolicy" ? (document.spec.preferences ?? null) : null;
}

function sortKey({ pack, document }: CompiledPolicy): string {
  return `${pack}/${document.metadata.id}`;
}
