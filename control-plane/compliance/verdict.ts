import type { Text } from "../kernel/text.ts";
import type { Violation } from "../policy/evaluate.ts";
import type { AppliedExemption } from "../policy/exemption.ts";
import type { CompiledPolicy } from "../policy/policy-set.ts";

/** In the order of GB/T 28448: kept, kept in part, not kept, does not apply, nobody can tell yet. */
export const VERDICTS = ["pass", "partial", "fail", "not_applicable", "insufficient_evidence"] as const;
export type Verdict = (typeof VERDICTS)[number];

export const VERDICT_WORDS: Readonly<Record<Verdict, Text>> = {
  pass: { zh: "符合", en: "Compliant" },
  partial: { zh: "部分符合", en: "Partially compliant" },
  fail: { zh: "不符合", en: "Not compliant" },
  not_applicable: { zh: "不适用", en: "Not applicable" },
  insufficient_evidence: { zh: "证据不足", en: "Insufficient evidence" },
};

/** Verdicts that somebody has to do something about. */
export const DEFICIENT: readonly Verdict[] = ["fail", "partial", "insufficient_evidence"];

/** What is kept of a validation that does not hold. */
export interface Shortfall {
  readonly validationId: string | null;
  readonly message: Text;
  readonly actual: unknown;
  readonly required: unknown;
  /** Why it could not be computed, which counts as not kept. */
  readonly error: string | null;
}

/** What the configuration alone says of one control about one resource; evidence and exemptions come on top. */
export interface Outcome {
  readonly controlId: string;
  readonly verdict: Verdict;
  /** Not empty where the verdict is `fail` or `partial`. */
  readonly shortfalls: readonly Shortfall[];
  /** Where every shortfall is excused; the one that ends first. */
  readonly exemption: AppliedExemption | null;
}

/**
 * Null violations: the rule does not apply. A resource that its cloud has never shown is not judged by what was
 * asked for. Some sides of a control kept and others not is `partial`; one that cannot be computed fails.
 */
export function outcomeOf(
  { document, validations }: CompiledPolicy,
  violations: readonly Violation[] | null,
  observed: boolean,
): Outcome {
  const controlId = document.metadata.id;
  if (violations === null) return { controlId, verdict: "not_applicable", shortfalls: [], exemption: null };
  if (!observed) return { controlId, verdict: "insufficient_evidence", shortfalls: [], exemption: null };
  const shortfalls = violations.map(({ validationId, message, actual, required, error }) => ({
    validationId,
    message,
    actual,
    required,
    error,
  }));
  if (shortfalls.length === 0) return { controlId, verdict: "pass", shortfalls, exemption: null };
  const uncomputable = shortfalls.some(({ error }) => error !== null);
  const partly = !uncomputable && shortfalls.length < validations.length;
  const exemption = excuseOf(violations);
  return { controlId, verdict: partly ? "partial" : "fail", shortfalls, exemption };
}

function excuseOf(violations: readonly Violation[]): AppliedExemption | null {
  const excuses = violations.flatMap(({ exemption }) => exemption ?? []);
  if (excuses.length < violations.length) return null;
  return excuses.reduce((first, one) => (one.expiresOn < first.expiresOn ? one : first));
}
