import type { Tx } from "../../db/tx.ts";
import type { Text } from "../../kernel/text.ts";

/** A place where an invariant does not hold, with the figures that disagree. */
export interface Difference {
  readonly place: string;
  readonly figures: Readonly<Record<string, unknown>>;
}

/** How many places there are, and the first of them: a broken ledger may be broken everywhere. */
export interface Findings {
  readonly total: number;
  readonly differences: readonly Difference[];
}

export interface CheckSettings {
  /** How long after its term a tenancy counts in the calendar of a pool. */
  readonly retentionDays: number;
}

/** What must hold after every transaction, whatever happened before. A check reads and locks nothing. */
export interface Invariant {
  /** Permanent: metrics, audit rows and alerts name it. */
  readonly name: string;
  readonly title: Text;
  readonly check: (tx: Tx, now: Date, settings: CheckSettings) => Promise<Findings>;
}

/** Of every invariant that is broken, this many differences are kept; the rest is counted. */
export const DIFFERENCES_MAX = 100;

export function findingsOf(differences: readonly Difference[]): Findings {
  return { total: differences.length, differences: differences.slice(0, DIFFERENCES_MAX) };
}
