import type { Text } from "../kernel/text.ts";
import { toCel } from "./cel-facts.ts";
import type { AppliedExemption } from "./exemption.ts";
import type { CelContext, CompiledExpression } from "./expression.ts";
import { type FactSection, SUBJECT_SECTIONS, type Subject, type SubjectFacts } from "./fact-shape.ts";
import type { AssessmentFacts } from "./facts.ts";
import { type PlainValue, plainValue } from "./plain-value.ts";
import type { CompiledPolicy, CompiledValidation, PolicySet } from "./policy-set.ts";
import type { PolicyAction, PolicyApprover, PolicyAssessment, PolicyBasis, Severity } from "./schema.ts";

/** One validation that does not hold, with everything a person needs to see why. */
export interface Violation {
  readonly pack: string;
  readonly policyId: string;
  readonly policyVersion: number;
  /** The short code, such as `P1`. */
  readonly ruleId: string;
  /** Which validation of the rule; null where it has no name of its own. */
  readonly validationId: string | null;
  readonly action: PolicyAction;
  readonly severity: Severity;
  readonly basis: readonly PolicyBasis[];
  readonly title: Text;
  readonly message: Text;
  readonly actual: PlainValue;
  readonly required: PlainValue;
  /** Empty unless the action is `require-approval`. */
  readonly approvers: readonly PolicyApprover[];
  readonly assessment: PolicyAssessment;
  readonly remediation: Text | null;
  /** Why the rule could not be computed, which counts as failing; null where it simply does not hold. */
  readonly error: string | null;
  /** What excuses it: the rule is broken still, but nothing follows from it. */
  readonly exemption: AppliedExemption | null;
}

export type Verdict = "pass" | "fail" | "not_applicable";

/** What one policy says about one subject. */
export interface PolicyVerdict {
  readonly policy: CompiledPolicy;
  readonly verdict: Verdict;
  /** Not empty exactly where the verdict is `fail`. */
  readonly violations: readonly Violation[];
  /** True where it fails and every violation is excused by an exemption in force. */
  readonly exempted: boolean;
}

export type Outcome = "allowed" | "needs_approval" | "denied";

/**
 * Every failing validation of every rule that applies, in the order of the set. Converting the facts costs a
 * fraction of judging them, so nothing is kept between calls. @throws FactError
 */
export function evaluate<Of extends Subject>(
  set: PolicySet,
  subject: Of,
  facts: SubjectFacts<Of>,
): Violation[] {
  const context = contextOf(subject, facts);
  return set.bySubject[subject].flatMap((policy) => judge(policy, context) ?? []);
}

/** One verdict per policy about the subject, in the order of the set, for compliance. @throws FactError */
export function assess<Of extends Subject>(
  set: PolicySet,
  subject: Of,
  facts: SubjectFacts<Of>,
): PolicyVerdict[] {
  const context = contextOf(subject, facts);
  return set.bySubject[subject].map((policy) => verdictOf(policy, judge(policy, context)));
}

/** The verdict of one policy; the facts hold those of every subject. @throws FactError */
export function assessPolicy(policy: CompiledPolicy, facts: AssessmentFacts): PolicyVerdict {
  return verdictOf(policy, judge(policy, contextOf(policy.subject, facts)));
}

/** What the violations add up to; warnings, audits and what is exempted leave a request allowed. */
export function outcomeOf(violations: readonly Violation[]): Outcome {
  const asks = (wanted: PolicyAction) =>
    violations.some(({ action, exemption }) => action === wanted && exemption === null);
  if (asks("deny")) return "denied";
  return asks("require-approval") ? "needs_approval" : "allowed";
}

/** True where it forbids: what is exempted does not. */
export function denies({ action, exemption }: Violation): boolean {
  return action === "deny" && exemption === null;
}

/** Who has to approve, each named once. */
export function approversOf(violations: readonly Violation[]): PolicyApprover[] {
  const all = violations.flatMap(({ approvers, exemption }) => (exemption === null ? approvers : []));
  return [...new Map(all.map((approver) => [`${approver.role}/${approver.scope}`, approver])).values()];
}

/** The facts as CEL values. @throws FactError */
export function contextOf<Of extends Subject>(subject: Of, facts: SubjectFacts<Of>): CelContext {
  const values: Partial<Record<FactSection, unknown>> = facts;
  const context: Record<string, unknown> = {};
  for (const section of SUBJECT_SECTIONS[subject]) context[section] = toCel(section, values[section]);
  return context;
}

function verdictOf(policy: CompiledPolicy, violations: Violation[] | null): PolicyVerdict {
  if (violations === null) return { policy, verdict: "not_applicable", violations: [], exempted: false };
  if (violations.length === 0) return { policy, verdict: "pass", violations, exempted: false };
  const exempted = violations.every(({ exemption }) => exemption !== null);
  return { policy, verdict: "fail", violations, exempted };
}

/** Null where the rule does not apply. A rule that cannot be computed has failed: it never passes silently. */
export function judge(policy: CompiledPolicy, context: CelContext): Violation[] | null {
  const applies = policy.match === null ? HOLDS : holds(policy.match, context);
  if (applies.error !== null) return [violationOf(policy, null, context, applies.error)];
  if (!applies.holds) return null;
  const violations: Violation[] = [];
  for (const validation of policy.validations) {
    const kept = holds(validation.expression, context);
    if (!kept.holds) violations.push(violationOf(policy, validation, context, kept.error));
  }
  return violations;
}

interface Truth {
  readonly holds: boolean;
  readonly error: string | null;
}
const HOLDS: Truth = { holds: true, error: null };
const FAILS: Truth = { holds: false, error: null };

function holds(expression: CompiledExpression, context: CelContext): Truth {
  try {
    const value = expression(context);
    if (value === true) return HOLDS;
    return value === false ? FAILS : { holds: false, error: `not true or false: ${String(value)}` };
  } catch (error) {
    return { holds: false, error: reasonOf(error) };
  }
}

function violationOf(
  policy: CompiledPolicy,
  validation: CompiledValidation | null,
  context: CelContext,
  error: string | null,
): Violation {
  const { metadata, spec } = policy.document;
  return {
    pack: policy.pack,
    policyId: metadata.id,
    policyVersion: metadata.version,
    ruleId: metadata.rule,
    validationId: validation?.id ?? null,
    action: spec.action,
    severity: policy.severity,
    basis: spec.basis,
    title: metadata.title,
    message: error === null && validation !== null ? validation.message : uncomputable(metadata.title),
    actual: validation === null ? null : illustration(validation.actual, context),
    required: validation === null ? null : illustration(validation.required, context),
    approvers: spec.approvers ?? [],
    assessment: spec.assessment,
    remediation: spec.remediation ?? null,
    error,
    exemption: policy.exemptions.length === 0 ? null : exemptionOf(policy, validation, context),
  };
}

/** The first that covers it. One that cannot be computed covers nothing. */
function exemptionOf(
  { exemptions }: CompiledPolicy,
  validation: CompiledValidation | null,
  context: CelContext,
): AppliedExemption | null {
  const found = exemptions.find(
    ({ validations, resources }) =>
      (validations === null || (validation?.id != null && validations.includes(validation.id))) &&
      holds(resources, context).holds,
  );
  return found?.applied ?? null;
}

function uncomputable(title: Text): Text {
  return {
    zh: `无法判定“${title.zh}”，按不符合处理`,
    en: `Could not be computed, counts as failed: ${title.en}`,
  };
}

/** Only illustrates a verdict that is already settled, so a value that cannot be computed is shown as such. */
function illustration(expression: CompiledExpression, context: CelContext): PlainValue {
  try {
    return plainValue(expression(context));
  } catch (error) {
    return { error: reasonOf(error) };
  }
}

/** The first line; the rest of a CEL message is a drawing of the position. */
function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1).join("");
}
