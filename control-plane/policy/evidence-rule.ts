import type { PolicyAssessment } from "./schema.ts";

/** For how long a document counts: days in China, `YYYY-MM-DD`, both counted. */
export interface EvidencePeriod {
  readonly validFrom: string;
  readonly validUntil: string;
}

export function countsOn({ validFrom, validUntil }: EvidencePeriod, day: string): boolean {
  return validFrom <= day && day <= validUntil;
}

/**
 * What is left of a rule that the configuration keeps, where no evidence counts: all of an `automatic` one, a
 * part of a `partial` one, nothing that could be told of an `attested` one.
 */
export const WITHOUT_EVIDENCE = {
  automatic: "pass",
  partial: "partial",
  attested: "insufficient_evidence",
  out_of_scope: "not_applicable",
} as const satisfies Record<PolicyAssessment, string>;
