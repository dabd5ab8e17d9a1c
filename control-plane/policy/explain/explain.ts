import type { Scope } from "../../authz/scope.ts";
import type { Tx } from "../../db/tx.ts";
import { fault } from "../../kernel/fault.ts";
import { getInScope } from "../../requests/store.ts";
import { defineQuery } from "../../verb.ts";
import { aboutOf, membersOf } from "./about.ts";
import { verdictDigest, verdictsOn } from "./evidence.ts";
import { readFacts } from "./read-facts.ts";
import { type DecisionRow, decisionsOn, setBy } from "./rows.ts";
import { ExplainRequest, type Explanation } from "./wire.ts";

/** Why a request was decided as it was: the facts and rules of then, judged once more. */
export const explainRequest = defineQuery({
  name: "request.explain",
  permission: "request.read",
  input: ExplainRequest,
  run: (tx, ctx, { id, decision }) => explanationOf(tx, ctx.scope, id, decision),
});

/** @throws http.not_found, decision.unknown_facts */
export async function explanationOf(
  tx: Tx,
  scope: Scope,
  id: string,
  decision: string | undefined,
): Promise<Explanation> {
  const request = await getInScope(tx, scope, id);
  const decisions = await decisionsOn(tx, request.id);
  const row = decision === undefined ? decisions[0] : decisions.find((one) => one.id === decision);
  if (row === undefined && decision !== undefined) throw fault("http.not_found");
  const set = row === undefined ? null : await setBy(tx, row.setDigest);
  // Decided before decisions were kept, or by rules that were never registered.
  if (row === undefined || set === null) throw fault("decision.unknown_facts", { id });
  const [facts] = await readFacts(tx, [row.facts]);
  if (facts === undefined) throw fault("decision.unknown_facts", { id });
  return {
    requestId: id,
    decision: headOf(row),
    decisions: decisions.map(headOf),
    ...membersOf(set),
    agrees: verdictDigest(verdictsOn(set, facts)) === row.verdictDigest,
    about: aboutOf(set, facts),
  };
}

function headOf({ id, decidedAt, outcome, setDigest }: DecisionRow): Explanation["decision"] {
  return { id, decidedAt: decidedAt.toISOString(), outcome, setDigest };
}
