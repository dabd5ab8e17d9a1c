import { fault } from "../kernel/fault.ts";

/**
 * The life of an application from the first letter to the wipe certificate. The request walks it up to
 * `provisioning`; from there the tenancy walks on and the request that created it shows the same state.
 */
export const TRANSITIONS = {
  submitted: ["accepted", "rejected", "withdrawn", "expired"],
  accepted: ["reviewed", "rejected", "withdrawn", "expired"],
  reviewed: ["approved", "rejected", "withdrawn", "expired"],
  approved: ["provisioning"],
  // A tenancy that cannot be built may be given back without ever having run.
  provisioning: ["trial", "closed", "retiring"],
  trial: ["in_service", "changing", "suspended", "retiring"],
  in_service: ["changing", "suspended", "retiring"],
  changing: ["trial", "in_service", "suspended"],
  suspended: ["trial", "in_service", "changing", "retiring"],
  retiring: ["exported"],
  exported: ["wiped"],
  wiped: ["closed"],
  rejected: [],
  withdrawn: [],
  expired: [],
  closed: [],
} as const satisfies Record<string, readonly string[]>;

export type LifeStatus = keyof typeof TRANSITIONS;
export const LIFE_STATUSES = Object.keys(TRANSITIONS) as [LifeStatus, ...LifeStatus[]];

/** Statuses in which a request waits for a person. */
export const UNDECIDED: readonly LifeStatus[] = ["submitted", "accepted", "reviewed"];

/** Statuses in which a tenancy holds resources. */
export const LIVE: readonly LifeStatus[] = [
  "provisioning",
  "trial",
  "in_service",
  "changing",
  "suspended",
  "retiring",
  "exported",
  "wiped",
];

export function mayBecome(from: LifeStatus, to: LifeStatus): boolean {
  const targets: readonly LifeStatus[] = TRANSITIONS[from];
  return targets.includes(to);
}

/** The new status, or `request.invalid_transition` with what would be possible. */
export function transition(from: LifeStatus, to: LifeStatus): LifeStatus {
  if (mayBecome(from, to)) return to;
  throw fault("request.invalid_transition", { from, to, possible: TRANSITIONS[from] });
}
