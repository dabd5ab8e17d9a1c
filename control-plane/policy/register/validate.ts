import { isFault } from "../../kernel/fault.ts";
import { FAULT_CODES } from "../../kernel/fault-codes.ts";
import { defineQuery } from "../../verb.ts";
import { runCases } from "../cases.ts";
import { compilePolicy } from "../compile.ts";
import { policyOf } from "../wire.ts";
import { type Candidate, candidateOf } from "./candidate.ts";
import { differenceOf, readable } from "./difference.ts";
import { type PolicyValidation, ValidatePolicy } from "./wire.ts";

const NOTHING: PolicyValidation = {
  valid: false,
  issues: [],
  policy: null,
  follows: null,
  from: null,
  difference: [],
  readable: [],
  cases: [],
  message: null,
  code: null,
};

/** Everything that can be said of a policy without keeping it: what is wrong, what it would change, and its cases. */
export const validatePolicy = defineQuery({
  name: "policy.validate",
  permission: "policy.write",
  input: ValidatePolicy,
  async run(tx, ctx, { yaml, pack, cases }): Promise<PolicyValidation> {
    const { policy, issues } = compilePolicy({ pack, file: "policy.yaml", text: yaml });
    if (policy === null) return { ...NOTHING, issues: [...issues] };
    const run = cases === undefined ? null : runCases(policy, { file: "cases.yaml", text: cases });
    const answer = {
      ...NOTHING,
      policy: policyOf(policy),
      issues: [...(run?.issues ?? [])],
      cases: [...(run?.results ?? [])],
    };
    const candidate = await outcome(candidateOf(tx, policy, ctx.clock.now()));
    if ("code" in candidate) return { ...answer, ...candidate };
    const difference = differenceOf(candidate.predecessor?.document ?? null, policy.document);
    return {
      ...answer,
      valid: answer.issues.length === 0 && answer.cases.every(({ failure }) => failure === null),
      follows: candidate.predecessor?.version ?? null,
      from: candidate.from.toISOString(),
      difference,
      readable: readable(difference),
    };
  },
});

async function outcome(
  asked: Promise<Candidate>,
): Promise<Candidate | Pick<PolicyValidation, "code" | "message">> {
  try {
    return await asked;
  } catch (error) {
    if (!isFault(error)) throw error;
    return { code: error.code, message: FAULT_CODES[error.code].title };
  }
}
