import { contextOf, judge } from "../evaluate.ts";
import { type CelContext, type CompiledExpression, WHETHER } from "../expression.ts";
import type { AssessmentFacts, PlacementFacts } from "../facts.ts";
import { type PlainValue, plainValue } from "../plain-value.ts";
import type { CompiledPolicy } from "../policy-set.ts";
import type { PolicyExplanation } from "./wire.ts";

/** What each expression of a rule comes to, with the facts that it reads. Pure. @throws FactError */
export function explainPolicy(policy: CompiledPolicy, facts: Partial<PlacementFacts>): PolicyExplanation {
  const context = contextOf(policy.subject, facts as AssessmentFacts);
  const violations = judge(policy, context);
  const { metadata, spec } = policy.document;
  const said = (id: string | null) => violations?.find(({ validationId }) => validationId === id) ?? null;
  return {
    policyId: metadata.id,
    version: metadata.version,
    rule: metadata.rule,
    title: metadata.title,
    action: spec.action,
    verdict: violations === null ? "not_applicable" : violations.length === 0 ? "pass" : "fail",
    match: policy.match === null ? null : { text: spec.match ?? null, ...computed(policy.match, context) },
    validations: policy.validations.map((validation, at) => ({
      id: validation.id,
      text: spec.validations[at]?.expression ?? "",
      // Outside of what the rule is for, its expressions say nothing.
      ...(violations === null
        ? { value: null, error: null, facts: {} }
        : computed(validation.expression, context)),
      actual: violations === null ? null : computed(validation.actual, context).value,
      required: violations === null ? null : computed(validation.required, context).value,
      exemption: said(validation.id)?.exemption ?? null,
    })),
  };
}

function computed(expression: CompiledExpression, context: CelContext) {
  // Of a fact that is only compared with a word, the fact itself is shown.
  const paths = expression.reads.map((path) => path.filter((field) => !field.startsWith(WHETHER)));
  const facts = Object.fromEntries(paths.map((path) => [path.join("."), factAt(context, path)]));
  try {
    return { value: plainValue(expression(context)), error: null, facts };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { value: null, error: message.split("\n", 1).join(""), facts };
  }
}

function factAt(context: CelContext, path: readonly string[]): PlainValue {
  let value: unknown = context;
  for (const field of path) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, field) : undefined;
  }
  return value === undefined ? null : plainValue(value);
}
