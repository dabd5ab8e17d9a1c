import { WITHOUT_EVIDENCE } from "../policy/evidence-rule.ts";
import type { AppliedExemption } from "../policy/exemption.ts";
import type { Control } from "./control.ts";
import type { Resource } from "./resource.ts";
import type { EvidenceRef, Standing } from "./standing.ts";
import type { Outcome, Shortfall, Verdict } from "./verdict.ts";

/** One control about one resource, with everything that bears on it. */
export interface SettledResult {
  readonly control: Control;
  readonly verdict: Verdict;
  readonly shortfalls: readonly Shortfall[];
  readonly evidence: EvidenceRef | null;
  /** In force; the verdict stays what it is, and does not count against anybody. */
  readonly exemption: AppliedExemption | null;
}

/**
 * What the configuration shows is the whole proof of an `automatic` control. A `partial` one is kept as a whole
 * only with evidence for the rest, and an `attested` one not at all without.
 */
export function settleVerdict(
  control: Control,
  { verdict, shortfalls, exemption }: Outcome,
  resource: Resource,
  standing: Standing,
): SettledResult {
  const asks = verdict === "pass" && control.assessment !== "automatic";
  const evidence = asks ? standing.evidenceFor(control.id, resource) : null;
  const settled = asks && evidence === null ? WITHOUT_EVIDENCE[control.assessment] : verdict;
  // A run of the day before may have seen an exemption that has ended since.
  const inForce = exemption !== null && standing.day <= exemption.expiresOn;
  return { control, verdict: settled, shortfalls, evidence, exemption: inForce ? exemption : null };
}
