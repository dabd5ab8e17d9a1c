import { EVERYWHERE } from "../../authz/scope.ts";
import type { App } from "../../context.ts";
import { explanationOf } from "./explain.ts";
import type { Explanation, PolicyExplanation } from "./wire.ts";

interface ExplainCommand {
  readonly requestId: string;
  readonly decision?: string | undefined;
  readonly json: boolean;
}

/** Prints why a request was decided as it was; exit code 1 where judging again gives another verdict. */
export async function explainCommand(
  app: App,
  { requestId, decision, json }: ExplainCommand,
  print: (line: string) => void,
): Promise<number> {
  const explanation = await app.db.read((tx) => explanationOf(tx, EVERYWHERE, requestId, decision));
  print(json ? JSON.stringify(explanation, null, 2) : formatExplanation(explanation));
  return explanation.agrees ? 0 : 1;
}

function formatExplanation({ requestId, decision, about, agrees, policies }: Explanation): string {
  return [
    `${requestId} ${decision.id} ${decision.decidedAt}: ${decision.outcome}`,
    `${policies.length} policies, set ${decision.setDigest}`,
    agrees ? "再次判定结果一致 / judged again: the same" : "再次判定结果不同 / judged again: NOT the same",
    ...about.flatMap(({ subject, place, policies: explained }) => [
      `${subject}${place === null ? "" : ` ${place.role} ${place.poolId}`}`,
      ...explained.flatMap(linesOf),
    ]),
  ].join("\n");
}

function linesOf({ policyId, version, rule, verdict, match, validations }: PolicyExplanation): string[] {
  const head = `  ${verdict} ${rule} ${policyId} version ${version}`;
  if (verdict === "not_applicable") return [`${head}  match: ${match?.text ?? "scope"}`];
  return [
    head,
    ...validations.map(({ id, text, value, error, facts, exemption }) => {
      const excused = exemption === null ? "" : `  exempted by ${exemption.id} until ${exemption.expiresOn}`;
      return `    ${id ?? "-"}: ${text} = ${error ?? JSON.stringify(value)}  ${JSON.stringify(facts)}${excused}`;
    }),
  ];
}
