import { dirname, join } from "node:path";
import { type CasesResult, runCases } from "./cases.ts";
import { loadPolicies, PolicyLoadError, readBounded } from "./load.ts";
import type { CompiledPolicy } from "./policy-set.ts";
import { formatIssue, type PolicyIssue } from "./yaml-document.ts";

const CASES_BYTES_MAX = 256 * 1024;

interface PolicyTestResult extends CasesResult {
  readonly pack: string;
  readonly policyId: string;
  readonly file: string;
}

interface PackTestResults {
  readonly ok: boolean;
  /** Why the packs could not be loaded; then `policies` is empty. */
  readonly issues: readonly PolicyIssue[];
  readonly policies: readonly PolicyTestResult[];
}

/** Runs every `cases.yaml` under a root of packs. A rule without its cases has failed. */
export async function testPacks(root: string): Promise<PackTestResults> {
  try {
    const { policies } = await loadPolicies([root]);
    const results: PolicyTestResult[] = [];
    for (const policy of policies) results.push(await testPolicy(policy));
    const ok = results.every(({ issues, results: cases }) => issues.length === 0 && cases.every(passed));
    return { ok, issues: [], policies: results };
  } catch (error) {
    if (error instanceof PolicyLoadError) return { ok: false, issues: error.issues, policies: [] };
    throw error;
  }
}

async function testPolicy(policy: CompiledPolicy): Promise<PolicyTestResult> {
  const file = join(dirname(policy.file), "cases.yaml");
  const issues: PolicyIssue[] = [];
  const text = await readBounded(file, CASES_BYTES_MAX, issues);
  const run = text === null ? { results: [], issues } : runCases(policy, { file, text });
  return { pack: policy.pack, policyId: policy.document.metadata.id, file, ...run };
}

function passed(result: { failure: string | null }): boolean {
  return result.failure === null;
}

/** The results for a terminal: one line per policy, one per failure, and the totals. */
export function formatTestResults({ issues, policies }: PackTestResults): string {
  const lines = issues.map(formatIssue);
  let failures = issues.length;
  let cases = 0;
  for (const { pack, policyId, file, results, issues: faults } of policies) {
    const failed = results.filter((result) => !passed(result));
    cases += results.length;
    failures += failed.length + faults.length;
    const mark = failed.length + faults.length === 0 ? "ok  " : "FAIL";
    lines.push(`${mark} ${pack}/${policyId}  ${results.length} cases`);
    for (const fault of faults) lines.push(`     ${formatIssue(fault)}`);
    for (const { name, line, failure } of failed) lines.push(`     ${file}:${line}: ${name}: ${failure}`);
  }
  lines.push(`${policies.length} policies, ${cases} cases, ${failures} failures`);
  return lines.join("\n");
}
