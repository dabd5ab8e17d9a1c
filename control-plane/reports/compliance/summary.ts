import { createHash } from "node:crypto";
import type { Control } from "../../compliance/control.ts";
import { isPending } from "../../compliance/lifecycle.ts";
import type { SettledResource } from "../../compliance/picture.ts";
import type { EvidenceRef } from "../../compliance/standing.ts";
import { type Counts, NO_COUNTS, scoreOf, sumOf, Tally } from "../../compliance/tally.ts";
import type { Verdict } from "../../compliance/verdict.ts";
import { canonicalJson } from "../../kernel/hash.ts";
import type { ControlSummary, Entry, ExemptionUse, Head, Summary } from "./content.ts";
import type { Page } from "./entries.ts";
import { Worst } from "./worst.ts";

/** Adds a report up while its pages go by. */
export class SummaryBook {
  readonly #controls: readonly Control[];
  readonly #day: string;
  readonly #byControl = new Tally();
  readonly #byCloud = new Tally();
  readonly #evidence = new Map<string, EvidenceRef>();
  readonly #exemptions = new Map<string, ExemptionUse & { controls: string[]; results: number }>();
  readonly #lines = createHash("sha256");
  readonly #worst = new Worst();
  #resources = 0;
  #findings = 0;
  #overdue = 0;

  constructor(controls: readonly Control[], day: string) {
    this.#controls = controls;
    this.#day = day;
  }

  add({ resources, entries }: Page): void {
    for (const one of resources) this.#count(one);
    for (const entry of entries) this.#note(entry);
  }

  #count({ resource, results }: SettledResource): void {
    if (results.length > 0) this.#resources += 1;
    for (const result of results) {
      this.#byControl.add(result.control.id, result);
      this.#byCloud.add(resource.cloudId ?? "", result);
      if (result.evidence !== null) this.#evidence.set(result.evidence.id, result.evidence);
    }
  }

  #note(entry: Entry): void {
    this.#lines.update(canonicalJson(entry));
    const { exemption, control, finding } = entry;
    if (exemption === null) {
      this.#findings += 1;
      if (finding !== null && isPending(finding.status) && finding.dueOn < this.#day) this.#overdue += 1;
      this.#worst.offer(entry);
      return;
    }
    const use = this.#exemptions.get(exemption.id) ?? { ...exemption, controls: [], results: 0 };
    if (!use.controls.includes(control.id)) use.controls.push(control.id);
    use.results += 1;
    this.#exemptions.set(exemption.id, use);
  }

  summary(): Summary {
    const controls = this.#controls.map((control): ControlSummary => {
      const counts = this.#byControl.of(control.id);
      return { control, counts, verdict: verdictOver(counts) };
    });
    const counts = sumOf(controls.map((one) => one.counts));
    return {
      resources: this.#resources,
      counts,
      score: perCent(counts),
      controls,
      clouds: this.#byCloud
        .entries()
        .filter(([id]) => id !== "")
        .map(([id, ofCloud]) => ({ id, counts: ofCloud, score: perCent(ofCloud) })),
      findings: this.#findings,
      overdue: this.#overdue,
      evidence: sorted([...this.#evidence.values()]),
      exemptions: sorted([...this.#exemptions.values()]),
    };
  }

  worst(): Entry[] {
    return this.#worst.entries();
  }

  /** Of everything that the report says, whatever form it takes, save where that stands in the audit chain. */
  digest({ audit: _, ...head }: Head): string {
    const lines = this.#lines.copy().digest("hex");
    return createHash("sha256")
      .update(canonicalJson({ head, summary: this.summary(), lines }))
      .digest("hex");
  }
}

function sorted<One extends { readonly id: string }>(all: One[]): One[] {
  return all.sort((left, right) => (left.id < right.id ? -1 : 1));
}

function perCent(counts: Counts): number | null {
  const score = scoreOf(counts);
  return score === null ? null : score / 10;
}

/** Kept everywhere, nowhere, or here and there; what nobody can tell about alone does not make it a failure. */
function verdictOver(counts: Counts): Verdict {
  const { pass, partial, fail, insufficient_evidence: unknown } = { ...NO_COUNTS, ...counts };
  if (pass + partial + fail + unknown === 0) return "not_applicable";
  if (partial + fail === 0) return unknown === 0 ? "pass" : "insufficient_evidence";
  return pass + partial === 0 ? "fail" : "partial";
}
