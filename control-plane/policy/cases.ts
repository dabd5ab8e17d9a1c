import { z } from "zod";
import { canonicalJson } from "../kernel/hash.ts";
import { FactError } from "./cel-facts.ts";
import { DEFAULT_FACTS } from "./default-facts.ts";
import { assessPolicy, type PolicyVerdict } from "./evaluate.ts";
import { countsOn, WITHOUT_EVIDENCE } from "./evidence-rule.ts";
import type { AssessmentFacts } from "./facts.ts";
import { mergeFacts } from "./merge-facts.ts";
import type { CompiledPolicy } from "./policy-set.ts";
import { API_VERSION } from "./schema.ts";
import { type PolicyIssue, YamlDocument } from "./yaml-document.ts";

const verdict = z.enum(["pass", "partial", "fail", "not_applicable", "insufficient_evidence"]);
type Verdict = z.infer<typeof verdict>;

const day = z.iso.date();

const policyCase = z.strictObject({
  name: z.string().min(1).max(120),
  /** Merged over the defaults of `default-facts.ts`. */
  facts: z.record(z.string(), z.unknown()).optional(),
  /**
   * What people put beside the configuration. With it a case expects what an assessment makes of both; without
   * it, what the configuration alone says.
   */
  evidence: z.union([z.literal("none"), z.strictObject({ validFrom: day, validUntil: day })]).optional(),
  expect: verdict,
  /** The ids of exactly those validations that fail, in their order. */
  failing: z.array(z.string()).optional(),
  /** Of the first validation that fails. */
  actual: z.json().optional(),
  required: z.json().optional(),
});

/** One `cases.yaml`. */
const casesDocument = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal("PolicyCases"),
  cases: z.array(policyCase).min(1).max(200),
});

type PolicyCase = z.infer<typeof policyCase>;

interface CaseResult {
  readonly name: string;
  readonly line: number;
  /** Null where the case came out as expected. */
  readonly failure: string | null;
}

export interface CasesResult {
  readonly results: readonly CaseResult[];
  /** Why the file could not be run, and which verdicts no case shows. */
  readonly issues: readonly PolicyIssue[];
}

/** Runs the cases of one policy. Pure. */
export function runCases(policy: CompiledPolicy, source: { file: string; text: string }): CasesResult {
  const yaml = new YamlDocument(source.file, source.text);
  if (yaml.issues.length > 0) return { results: [], issues: yaml.issues };
  const parsed = casesDocument.safeParse(yaml.value);
  if (!parsed.success) return { results: [], issues: yaml.issuesOf(parsed.error) };
  const { cases } = parsed.data;
  const results = cases.map((one, index) => ({
    name: one.name,
    line: yaml.issue(["cases", index], "").line,
    failure: failureOf(policy, one),
  }));
  const shown = new Set(cases.map(({ expect }) => expect));
  const missing = verdictsToShow(policy).filter((wanted) => !shown.has(wanted));
  return { results, issues: missing.map((wanted) => yaml.issue(["cases"], `no case expects ${wanted}`)) };
}

function verdictsToShow({ match, validations, document }: CompiledPolicy): Verdict[] {
  if (document.spec.assessment === "out_of_scope") return ["not_applicable"];
  const shown: Verdict[] = validations.length === 0 ? ["pass", "insufficient_evidence"] : ["pass", "fail"];
  return match === null ? shown : [...shown, "not_applicable"];
}

function failureOf(policy: CompiledPolicy, one: PolicyCase): string | null {
  let facts: AssessmentFacts;
  try {
    facts = mergeFacts(DEFAULT_FACTS, one.facts);
  } catch (error) {
    if (error instanceof FactError) return error.message;
    throw error;
  }
  const found = assessPolicy(policy, facts);
  return differenceOf(one, found, settled(policy, one, found, facts.today));
}

/** Evidence completes what the configuration keeps; it makes good nothing that the configuration contradicts. */
function settled(
  { document }: CompiledPolicy,
  { evidence }: PolicyCase,
  { verdict: shown }: PolicyVerdict,
  today: string,
): Verdict {
  const { assessment } = document.spec;
  if (assessment === "out_of_scope") return "not_applicable";
  if (evidence === undefined || shown !== "pass") return shown;
  return evidence !== "none" && countsOn(evidence, today) ? "pass" : WITHOUT_EVIDENCE[assessment];
}

function differenceOf(one: PolicyCase, { violations }: PolicyVerdict, given: Verdict): string | null {
  const [first] = violations;
  if (first?.error != null) return `could not be computed: ${first.error}`;
  if (given !== one.expect) return `expected ${one.expect}, was ${given}`;
  const failing = violations.map(({ validationId }) => validationId);
  return (
    mismatch("failing", one.failing, failing) ??
    mismatch("actual", one.actual, first?.actual) ??
    mismatch("required", one.required, first?.required)
  );
}

function mismatch(what: string, expected: unknown, given: unknown): string | null {
  if (expected === undefined) return null;
  const [left, right] = [canonicalJson(expected), canonicalJson(given ?? null)];
  return left === right ? null : `expected ${what} ${left}, was ${right}`;
}
