import type { Database } from "../../db/tx.ts";
import type { Text } from "../../kernel/text.ts";
import { seeOneState } from "./difference-rows.ts";
import type { CheckSettings, Findings, Invariant } from "./invariant.ts";
import { INVARIANTS } from "./invariants.ts";

/** What one look found of one invariant. */
export interface Verdict extends Findings {
  readonly name: string;
  readonly title: Text;
  readonly holds: boolean;
}

/** Checks invariants on one consistent state of the database, without locking anything or changing it. */
export async function look(
  db: Database,
  now: Date,
  settings: CheckSettings,
  invariants: readonly Invariant[] = INVARIANTS,
): Promise<Verdict[]> {
  return db.withTx(async (tx) => {
    await seeOneState(tx);
    const verdicts: Verdict[] = [];
    for (const { name, title, check } of invariants) {
      const findings = await check(tx, now, settings);
      verdicts.push({ name, title, holds: findings.total === 0, ...findings });
    }
    return verdicts;
  });
}
