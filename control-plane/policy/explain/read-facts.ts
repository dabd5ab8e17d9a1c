import type { Tx } from "../../db/tx.ts";
import { fault } from "../../kernel/fault.ts";
import { digestOf } from "../../kernel/hash.ts";
import type { FactSection } from "../fact-shape.ts";
import type { AssessmentFacts } from "../facts.ts";
import { completeFacts } from "./complete-facts.ts";
import type { DecisionFacts } from "./evidence.ts";
import type { FactsHash, KeptFacts } from "./kept-facts.ts";
import { factsBy } from "./rows.ts";

/** The facts behind decisions, in their order. @throws decision.unknown_facts where they are not what they were */
export async function readFacts(tx: Tx, decisions: readonly KeptFacts[]): Promise<DecisionFacts[]> {
  const hashes = new Set(decisions.flatMap(hashesOf));
  const values = await factsBy(tx, [...hashes]);
  const intact = new Map([...hashes].map((hash) => [hash, intactValue(hash, values.get(hash))]));
  return decisions.map((kept) => assembled(kept, intact));
}

function hashesOf({ request, organization, places }: KeptFacts): FactsHash[] {
  return [
    request,
    organization,
    ...places.flatMap((one) => [one.request, one.cloud, one.pool, one.recovery]),
  ];
}

function intactValue(hash: FactsHash, value: unknown): unknown {
  if (value === undefined || digestOf(value) !== hash) throw fault("decision.unknown_facts", { hash });
  return value;
}

function assembled(kept: KeptFacts, values: ReadonlyMap<FactsHash, unknown>): DecisionFacts {
  const { today, places } = kept;
  const section = <Name extends FactSection>(name: Name, hash: FactsHash) =>
    sectionOf<Name>(completeFacts(name, values.get(hash)));
  const organization = section("organization", kept.organization);
  return {
    today,
    request: section("request", kept.request),
    organization,
    places: places.map(({ role, fit, ...place }) => ({
      today,
      organization,
      request: section("request", place.request),
      cloud: section("cloud", place.cloud),
      pool: section("pool", place.pool),
      recovery: section("recovery", place.recovery),
      part: { role },
      fit,
    })),
  };
}

/** Kept as such a section, and completed by its shape; CEL looks at every value's type once more. */
function sectionOf<Name extends FactSection>(value: unknown): AssessmentFacts[Name] {
  return value as AssessmentFacts[Name];
}
