import type { RecoveryFacts } from "../policy/facts.ts";
import type { Companion } from "./companions.ts";
import { fitOf, type Judged, policy } from "./filters/policy.ts";
import { fitsBeside, quota } from "./filters/quota.ts";
import type { Verdict } from "./judge.ts";
import { NO_RECOVERY, recoveryFactsOf } from "./recovery-facts.ts";
import { NO_REFUSALS, type Refusal } from "./refusal.ts";
import type { Scene } from "./scene.ts";
import type { SnapshotCloud, SnapshotPool } from "./snapshot.ts";

/** Asks about each companion once per decision, however many primaries it is tried with. */
export interface CompanionVerdicts<Of extends Verdict> {
  judged(companion: Companion, recovery: RecoveryFacts): Judged<Of>;
  /** What policies see of a copy: one object for each copy and each place that it is a copy for. */
  recoveryOf(home: SnapshotCloud, copy: Companion | null): RecoveryFacts;
  /** Equal for copies that no rule can tell apart. */
  kindOf(recovery: RecoveryFacts): unknown;
  /** Quota of the copy on top of what the home cloud takes. */
  quotaOf(home: SnapshotCloud, copy: Companion): readonly Refusal[];
}

export function companionVerdicts<Of extends Verdict>(scene: Scene<Of>): CompanionVerdicts<Of> {
  const { demand, judge, index } = scene;
  const own = [demand.primary, demand.edge].filter((part) => part !== null);
  const verdicts = new Map<RecoveryFacts, Map<Companion, Judged<Of>>>();
  const kinds = new Map<RecoveryFacts, unknown>();
  const recoveries = new Map<string, Map<SnapshotPool, RecoveryFacts>>();
  const fitting = new Map<SnapshotCloud, boolean>();
  const short = new Map<string, readonly Refusal[]>();

  return {
    recoveryOf(home, copy) {
      if (copy === null) return NO_RECOVERY;
      // Of the home only the place counts, so homes in one city share their copies.
      const here = keptAt(recoveries, home.facts.jurisdiction, () => new Map<SnapshotPool, RecoveryFacts>());
      return keptAt(here, copy.pool, () => recoveryFactsOf(index.snapshot, home, copy.cloud, copy.pool));
    },
    kindOf: (recovery) => keptAt(kinds, recovery, () => judge.kindOf?.(recovery) ?? recovery),
    judged(companion, recovery) {
      const { part, cloud, pool } = companion;
      const known = keptAt(verdicts, recovery, () => new Map<Companion, Judged<Of>>());
      return keptAt(known, companion, () =>
        policy(judge, index.snapshot, part, cloud, pool, recovery, fitOf(true, true)),
      );
    },
    quotaOf(home, { part: { role, growth }, cloud }) {
      const need = { role, cloud, growth };
      if (keptAt(fitting, cloud, () => fitsBeside(need, own))) return NO_REFUSALS;
      return keptAt(short, `${home.id} ${cloud.id}`, () => {
        const taken = own.map((part) => ({ role: part.role, cloud: home, growth: part.growth }));
        // The parts on the home cloud fit by themselves, so whatever lacks now is for the copy.
        return quota([...taken, need]).map((entry) => ({ ...entry, role }));
      });
    },
  };
}

function keptAt<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  known.set(key, made);
  return made;
}
