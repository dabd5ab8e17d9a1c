import type { Text } from "../kernel/text.ts";
import type { CompiledPolicy, PolicySet } from "../policy/policy-set.ts";
import type { PolicyAction, PolicyAssessment, PolicyBasis, Severity } from "../policy/schema.ts";

/** A rule as a run has applied it; kept with the run, so that a report of last year does not need last year's files. */
export interface Control {
  readonly id: string;
  /** The pack, which is what a report calls its framework. */
  readonly framework: string;
  readonly version: number;
  readonly rule: string;
  readonly title: Text;
  readonly basis: readonly PolicyBasis[];
  readonly subject: string;
  readonly action: PolicyAction;
  readonly severity: Severity;
  readonly assessment: PolicyAssessment;
  /** What the configuration does not show of it; null where it shows everything. */
  readonly why: Text | null;
  readonly remediation: Text | null;
}

export function controlOf({ pack, document, severity }: CompiledPolicy): Control {
  const { metadata, spec } = document;
  return {
    id: metadata.id,
    framework: pack,
    version: metadata.version,
    rule: metadata.rule,
    title: metadata.title,
    basis: spec.basis,
    subject: spec.subject,
    action: spec.action,
    severity,
    assessment: spec.assessment,
    why: spec.why ?? null,
    remediation: spec.remediation ?? null,
  };
}

/** Rules about a request alone say nothing about what runs. */
export function controlsOf(set: PolicySet): Control[] {
  return set.policies.filter(({ subject }) => subject !== "request").map(controlOf);
}
