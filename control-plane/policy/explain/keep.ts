import type { Ctx } from "../../context.ts";
import type { Tx } from "../../db/tx.ts";
import { digestOf } from "../../kernel/hash.ts";
import type { RequestId } from "../../kernel/ids.ts";
import { type DecisionEvidence, type DecisionFacts, verdictDigest, verdictsOn } from "./evidence.ts";
import type { FactsHash, KeptFacts } from "./kept-facts.ts";
import { insertDecisions, insertFacts, insertSets } from "./rows.ts";

export interface KeptDecision {
  readonly requestId: RequestId;
  readonly evidence: DecisionEvidence;
}

/**
 * Keeps what decisions were made from, so that each can be made again: the facts by their hashes, the set by its
 * digest, and a digest of what the rules said. In the transaction of the decisions themselves.
 */
export async function keepDecisions(
  tx: Tx,
  ctx: Pick<Ctx, "ids">,
  decisions: readonly KeptDecision[],
): Promise<void> {
  if (decisions.length === 0) return;
  const facts = new Map<FactsHash, unknown>();
  const rows = decisions.map(({ requestId, evidence }) => ({
    id: ctx.ids.next("dec"),
    requestId,
    decidedAt: evidence.decidedAt,
    setDigest: evidence.set.fullDigest,
    facts: hashed(evidence.facts, facts),
    verdictDigest: verdictDigest(verdictsOn(evidence.set, evidence.facts)),
    outcome: evidence.outcome,
  }));
  await insertSets(tx, new Set(decisions.map(({ evidence }) => evidence.set)));
  insertFacts(tx, facts);
  insertDecisions(tx, rows);
}

/** Clouds, pools and organizations are the same objects from decision to decision, as long as they are equal. */
const HASHES = new WeakMap<object, FactsHash>();

function hashed(facts: DecisionFacts, into: Map<FactsHash, unknown>): KeptFacts {
  const keep = (value: object): FactsHash => {
    const hash = HASHES.get(value) ?? digestOf(value);
    HASHES.set(value, hash);
    into.set(hash, value);
    return hash;
  };
  const { today, request, organization, places } = facts;
  return {
    today,
    request: keep(request),
    organization: keep(organization),
    places: places.map((place) => ({
      cloudId: place.cloud.id,
      poolId: place.pool.id,
      role: place.part.role,
      request: keep(place.request),
      cloud: keep(place.cloud),
      pool: keep(place.pool),
      recovery: keep(place.recovery),
      fit: place.fit,
    })),
  };
}
