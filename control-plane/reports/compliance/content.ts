import type { Control } from "../../compliance/control.ts";
import type { FindingStatus } from "../../compliance/lifecycle.ts";
import type { Resource } from "../../compliance/resource.ts";
import type { EvidenceRef } from "../../compliance/standing.ts";
import type { Counts } from "../../compliance/tally.ts";
import type { Shortfall, Verdict } from "../../compliance/verdict.ts";
import type { Text } from "../../kernel/text.ts";
import type { AppliedExemption } from "../../policy/exemption.ts";

/** What every form of a compliance report begins with. Nothing in it depends on when or by whom it is made. */
export interface Head {
  readonly report: "compliance";
  readonly framework: string | null;
  readonly scope: string;
  readonly scopeName: Text;
  /** The day in China at whose end, or today's moment at which, everything stood as it is told. */
  readonly asOf: string;
  /** The look at everything that it is made from. */
  readonly assessment: {
    readonly id: string;
    readonly day: string;
    readonly completedAt: string;
    readonly inputDigest: string;
    readonly resultsDigest: string;
  };
  /** Looks at what changed afterwards, which replace parts of it. */
  readonly changes: readonly { readonly id: string; readonly resultsDigest: string }[];
  readonly policyDigest: string;
  /** Where the assessment stands in the audit chain; null for a few seconds after it. */
  readonly audit: {
    readonly seq: number;
    readonly hash: string;
    readonly checkpoint: { readonly seq: number; readonly hash: string; readonly signature: string } | null;
  } | null;
  readonly disclaimer: Text;
}

/** One control over everything in scope. */
export interface ControlSummary {
  readonly control: Control;
  readonly counts: Counts;
  /** Over all resources; `not_applicable` where none is concerned. */
  readonly verdict: Verdict;
}

export interface Summary {
  readonly resources: number;
  readonly counts: Counts;
  /** Per cent with one decimal; null where nothing applies. */
  readonly score: number | null;
  readonly controls: readonly ControlSummary[];
  readonly clouds: readonly { readonly id: string; readonly counts: Counts; readonly score: number | null }[];
  readonly findings: number;
  readonly overdue: number;
  readonly evidence: readonly EvidenceRef[];
  readonly exemptions: readonly ExemptionUse[];
}

export interface ExemptionUse extends AppliedExemption {
  readonly controls: readonly string[];
  /** How many results it excuses. */
  readonly results: number;
}

/** One control that one resource does not keep. */
export interface Entry {
  readonly control: Control;
  readonly resource: Resource;
  readonly verdict: Verdict;
  readonly shortfalls: readonly Shortfall[];
  readonly exemption: AppliedExemption | null;
  readonly seenAt: string;
  /** Null for what has not become a finding by then. */
  readonly finding: {
    readonly id: string;
    readonly status: FindingStatus;
    readonly owner: string;
    readonly assignee: string | null;
    readonly dueOn: string;
    readonly firstSeenAt: string;
  } | null;
}

export interface Content {
  readonly head: Head;
  readonly summary: Summary;
  /** SHA-256 of the canonical JSON of head and summary and of every entry in its order: the same in every form. */
  readonly digest: string;
  /** The most severe entries, for forms that are printed. */
  readonly worst: readonly Entry[];
  /** Every entry, page by page; may be asked for again and again. */
  readonly entries: () => AsyncGenerator<readonly Entry[]>;
}
