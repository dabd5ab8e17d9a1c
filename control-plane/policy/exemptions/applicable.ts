import { fault } from "../../kernel/fault.ts";
import { ExpressionError } from "../expression.ts";
import type { CompiledPolicy, PolicySet } from "../policy-set.ts";
import { compiledExemption } from "../register/book.ts";
import type { ExemptionRow } from "./rows.ts";

type Wish = Pick<ExemptionRow, "id" | "policyIds" | "validations" | "resources" | "category" | "expiresOn">;

/**
 * The policies that it is for, each of which can be told by its facts whether it is about one of the resources.
 * @throws exemption.not_applicable
 */
export function policiesOf(set: PolicySet, wish: Wish): CompiledPolicy[] {
  const policies = wish.policyIds.map((id) => {
    const policy = set.byId.get(id);
    if (policy === undefined)
      throw fault("exemption.not_applicable", { policyId: id, reason: "not in force" });
    assertCompiles(policy, wish);
    return policy;
  });
  const known = new Set(policies.flatMap(({ validations }) => validations.map(({ id }) => id)));
  const unknown = wish.validations?.find((id) => !known.has(id));
  if (unknown !== undefined) {
    throw fault("exemption.not_applicable", {
      validation: unknown,
      reason: "the policies have no such validation",
    });
  }
  return policies;
}

function assertCompiles(policy: CompiledPolicy, wish: Wish): void {
  try {
    compiledExemption(policy, wish);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { reason, offset } = error.problem;
    throw fault("exemption.not_applicable", { policyId: policy.document.metadata.id, reason, offset });
  }
}
