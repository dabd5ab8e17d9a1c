import type { CompiledPolicy } from "../policy/policy-set.ts";
import type { ComplianceRow, PolicySummary } from "./wire.ts";

/** Counts verdicts by rule while the rows go by. */
export class Tally {
  readonly #counts: Map<string, PolicySummary>;

  constructor(policies: readonly CompiledPolicy[]) {
    this.#counts = new Map(
      policies.map(({ document: { metadata } }) => {
        const { id: policyId, rule, title } = metadata;
        return [policyId, { policyId, rule, title, pass: 0, fail: 0, notApplicable: 0 }];
      }),
    );
  }

  add(rows: readonly Pick<ComplianceRow, "policyId" | "verdict">[]): void {
    for (const { policyId, verdict } of rows) {
      const counts = this.#counts.get(policyId);
      if (counts !== undefined) counts[verdict === "not_applicable" ? "notApplicable" : verdict] += 1;
    }
  }

  summary(): PolicySummary[] {
    return [...this.#counts.values()];
  }
}
