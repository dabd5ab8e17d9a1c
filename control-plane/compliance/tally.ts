import type { SettledResult } from "./settle-verdict.ts";
import { VERDICTS, type Verdict } from "./verdict.ts";

/** Results by verdict; those under an exemption are counted apart and nowhere else. */
export type Counts = Readonly<Record<Verdict | "exempted", number>>;

export const NO_COUNTS: Counts = {
  pass: 0,
  partial: 0,
  fail: 0,
  not_applicable: 0,
  insufficient_evidence: 0,
  exempted: 0,
};

/** Counts results under any number of keys while they go by. */
export class Tally {
  readonly #counts = new Map<string, Record<Verdict | "exempted", number>>();

  add(key: string, { verdict, exemption }: Pick<SettledResult, "verdict" | "exemption">): void {
    let counts = this.#counts.get(key);
    if (counts === undefined) {
      counts = { ...NO_COUNTS };
      this.#counts.set(key, counts);
    }
    counts[exemption === null ? verdict : "exempted"] += 1;
  }

  of(key: string): Counts {
    return this.#counts.get(key) ?? NO_COUNTS;
  }

  entries(): [key: string, counts: Counts][] {
    return [...this.#counts].sort(([left], [right]) => (left < right ? -1 : 1));
  }
}

export function sumOf(all: Iterable<Counts>): Counts {
  const sum = { ...NO_COUNTS };
  for (const counts of all) {
    for (const key of [...VERDICTS, "exempted"] as const) sum[key] += counts[key];
  }
  return sum;
}

/**
 * Tenths of a per cent: what is kept of all that applies, half for what is kept in part. What is exempted or does
 * not apply is left out; missing evidence counts like not kept. Null where nothing applies.
 */
export function scoreOf({ pass, partial, fail, insufficient_evidence: open }: Counts): number | null {
  const applies = pass + partial + fail + open;
  return applies === 0 ? null : Math.round(((pass + partial / 2) / applies) * 1000);
}
