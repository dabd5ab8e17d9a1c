import type { RecoveryFacts } from "../policy/facts.ts";
import type { Candidate, CandidatePart } from "./candidate.ts";
import type { CompanionVerdicts } from "./companion-verdicts.ts";
import { type Companion, type Companions, failsApart, unplaceable } from "./companions.ts";
import type { Part } from "./demand.ts";
import { fitOf, policy } from "./filters/policy.ts";
import { nodeOf } from "./filters/quota.ts";
import type { Verdict } from "./judge.ts";
import { NO_RECOVERY } from "./recovery-facts.ts";
import type { Refusal } from "./refusal.ts";
import type { Scene } from "./scene.ts";
import { scoresOf, totalOf } from "./scorers/score.ts";
import type { SnapshotCloud, SnapshotPool } from "./snapshot.ts";

interface Combined<Of extends Verdict> {
  readonly candidate: Candidate<Of> | null;
  readonly refusals: readonly Refusal[];
}

/** What a primary may have beside it, as far as the companions themselves are concerned. */
interface Company<Of extends Verdict> {
  /** No rule tells two copies of one kind apart, so the first of them speaks for all. */
  readonly kind: unknown;
  readonly recovery: RecoveryFacts;
  readonly parts: readonly CandidatePart<Of>[];
}

interface Companies<Of extends Verdict> {
  /** One of each kind in the order in which they are tried; looked for only as far as somebody asks. */
  at(place: number): Company<Of> | undefined;
  /** Kinds in the order in which they come for the last time: of two reasons alike the later one is told. */
  readonly told: ReadonlySet<unknown>;
  /** Why other copies may not be one, or have no edge. */
  readonly refusals: readonly Refusal[];
  /** The copy that was tried first, whether it may be one or not. */
  readonly first: RecoveryFacts;
}

/**
 * Gives a primary's pool, which has no reason against it so far, the best edge and copy that go with it.
 * Of each cloud only the best copy is tried against the primary's policies: rules tell clouds apart by
 * distance, country and level, and two copies on one cloud by nothing.
 */
export function combinerOf<Of extends Verdict>(
  scene: Scene<Of>,
  home: SnapshotCloud,
  copies: Companions | null,
  edges: Companions | null,
  verdicts: CompanionVerdicts<Of>,
): (pool: SnapshotPool) => Combined<Of> {
  const { demand, judge, index, explain, preferences } = scene;
  const fits = fitOf(true, true);
  const tell = (pool: SnapshotPool, recovery: RecoveryFacts) =>
    policy(judge, index.snapshot, demand.primary, home, pool, recovery, fits);
  // Of a pool only its fault domain matters to a copy, and only on its own cloud.
  const known = new Map<string, Companies<Of>>();
  const heard = new Set<Companies<Of>>();
  const companiesFor = (pool: SnapshotPool): Companies<Of> => {
    const before = known.get(pool.faultDomain);
    if (before !== undefined) return before;
    const made = companiesOf(scene, home, pool, copies, edges, verdicts);
    known.set(pool.faultDomain, made);
    return made;
  };

  return (pool) => {
    const companies = companiesFor(pool);
    const denied = new Map<unknown, readonly Refusal[]>();
    for (let at = 0; ; at += 1) {
      const company = companies.at(at);
      if (company === undefined) break;
      const judged = tell(pool, company.recovery);
      if (judged.refusals.length === 0)
        return { candidate: candidateIn(pool, company, judged.verdict), refusals: [] };
      denied.set(company.kind, judged.refusals);
    }
    if (!explain) return { candidate: null, refusals: [] };
    const { told, refusals, first } = companies;
    const all = [...told].flatMap((kind) => denied.get(kind) ?? []);
    // Every copy there is lies in the primary's own fault domain.
    if (all.length + refusals.length === 0 && demand.recovery !== null) {
      all.push(unplaceable(demand.recovery, home));
    }
    // What stands against the companions does so for every pool, and is told once.
    if (!heard.has(companies)) all.push(...refusals);
    heard.add(companies);
    // What stands against the primary itself is said as well, though a part beside it failed first.
    if (denied.size === 0) all.push(...tell(pool, first).refusals);
    return { candidate: null, refusals: all };
  };

  function candidateIn(pool: SnapshotPool, { recovery, parts }: Company<Of>, verdict: Of): Candidate<Of> {
    const scores = scoresOf(preferences, demand.primary, home, pool);
    return {
      cloudId: home.id,
      parts: [...placed(demand.primary, home, pool, verdict), ...parts],
      score: totalOf(preferences, scores),
      scores,
      recovery,
    };
  }
}

/** `null` stands for "no such part asked for", so that combining needs no special case. */
function choicesOf(companions: Companions | null): readonly (Companion | null)[] {
  return companions === null ? [null] : companions.choices;
}

function companiesOf<Of extends Verdict>(
  scene: Scene<Of>,
  home: SnapshotCloud,
  beside: SnapshotPool,
  copies: Companions | null,
  edges: Companions | null,
  verdicts: CompanionVerdicts<Of>,
): Companies<Of> {
  const { edge: edgePart } = scene.demand;
  const found: Company<Of>[] = [];
  const told = new Set<unknown>();
  const refusals: Refusal[] = [];
  const tried = new Set<string>();
  /** Kinds of copies beside which no edge may be. */
  const withoutEdge = new Set<unknown>();
  const left = choicesOf(copies).values();
  let first: RecoveryFacts | null = null;

  const tryCopy = (copy: Companion | null): void => {
    if (copy !== null && (tried.has(copy.cloud.id) || !failsApart(beside, copy.pool))) return;
    const recovery = verdicts.recoveryOf(home, copy);
    first ??= recovery;
    const parts: CandidatePart<Of>[] = [];
    if (copy !== null) {
      const short = verdicts.quotaOf(home, copy);
      const judged = short.length > 0 ? null : verdicts.judged(copy, recovery);
      // Of a cloud that has no room for the copy, or takes this one, no other pool is tried.
      if (judged === null || judged.refusals.length === 0) tried.add(copy.cloud.id);
      if (judged === null || judged.refusals.length > 0) {
        refusals.push(...short, ...(judged?.refusals ?? []), unplaceable(copy.part, home));
        return;
      }
      parts.push(...placed(copy.part, copy.cloud, copy.pool, judged.verdict));
    }
    const kind = verdicts.kindOf(recovery);
    if (told.delete(kind)) told.add(kind);
    else if (!withoutEdge.has(kind)) {
      const edge = edgeBeside(recovery);
      if (edge === null) {
        withoutEdge.add(kind);
        return;
      }
      told.add(kind);
      found.push({ kind, recovery, parts: [...edge, ...parts] });
    }
  };
  const edgeBeside = (recovery: RecoveryFacts): readonly CandidatePart<Of>[] | null => {
    if (edges === null || edgePart === null) return [];
    const against: Refusal[] = [];
    for (const edge of edges.choices) {
      const judged = verdicts.judged(edge, recovery);
      if (judged.refusals.length === 0) return placed(edge.part, home, edge.pool, judged.verdict);
      against.push(...judged.refusals);
    }
    refusals.push(...against, unplaceable(edgePart, home));
    return null;
  };

  return {
    told,
    refusals,
    get first() {
      return first ?? NO_RECOVERY;
    },
    at(place) {
      while (found.length <= place) {
        const next = left.next();
        if (next.done) return undefined;
        tryCopy(next.value);
      }
      return found[place];
    },
  };
}

function placed<Of extends Verdict>(
  { role, amounts }: Part,
  cloud: SnapshotCloud,
  pool: SnapshotPool,
  verdict: Of,
): CandidatePart<Of>[] {
  // Without a chain the quota filter has refused, so that nothing is placed here.
  if (cloud.quotaChain === null) return [];
  return [
    { role, cloudId: cloud.id, poolId: pool.id, quotaNodeId: nodeOf(cloud.quotaChain), amounts, verdict },
  ];
}
