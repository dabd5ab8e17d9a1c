import { fault } from "../kernel/fault.ts";

/** The life of a finding. `reopened` is `open` again after it was resolved, or after its exemption ended. */
export const FINDING_STATUSES = [
  "open",
  "acknowledged",
  "in_remediation",
  "resolved",
  "exempted",
  "reopened",
] as const;
export type FindingStatus = (typeof FINDING_STATUSES)[number];

/** What a person may make of it; everything else is done by assessments. */
export type PersonsStep = "acknowledged" | "in_remediation" | "resolved";

const BY_PERSONS: Readonly<Record<FindingStatus, readonly PersonsStep[]>> = {
  open: ["acknowledged", "in_remediation", "resolved"],
  reopened: ["acknowledged", "in_remediation", "resolved"],
  acknowledged: ["in_remediation", "resolved"],
  in_remediation: ["resolved"],
  exempted: [],
  resolved: [],
};

/** @throws compliance.finding_transition with what would be possible */
export function stepTo(from: FindingStatus, to: PersonsStep): FindingStatus {
  if (BY_PERSONS[from].includes(to)) return to;
  throw fault("compliance.finding_transition", { from, to, possible: BY_PERSONS[from] });
}

/** What an assessment has seen of the control at the resource: not kept, kept or gone, not kept under an exemption. */
export type Seen = "deficient" | "kept" | "exempted";

/**
 * The status after an assessment. What a person has said about it stays, but neither can a person's word resolve
 * what is still there, nor does an exemption outlive its end.
 */
export function afterAssessment(status: FindingStatus, seen: Seen): FindingStatus {
  if (seen === "kept") return "resolved";
  if (seen === "exempted") return "exempted";
  return status === "resolved" || status === "exempted" ? "reopened" : status;
}

/** True while somebody has to act. */
export function isPending(status: FindingStatus): boolean {
  return status !== "resolved" && status !== "exempted";
}
