import { knownId, type OrganizationId } from "../../control-plane/kernel/ids.ts";
import type { PlacementSnapshot } from "../../control-plane/placement/snapshot.ts";
import type { RequestFacts } from "../../control-plane/policy/facts.ts";
import { plainJudgeOf } from "../../control-plane/policy/plain-judge.fixture.ts";
import type { PolicySet } from "../../control-plane/policy/policy-set.ts";
import { deliberate } from "../../control-plane/requests/deliberate.ts";
import { placedIn } from "../../control-plane/requests/placed-in.ts";
import type { Bench } from "./bench.ts";
import { percentiles, rounded } from "./clients.ts";
import { provinceOf, type Shape } from "./decide/province.ts";
import { requestMix } from "./decide/requests.ts";
import { sixtyRules } from "./decide/rules.ts";

/** A province of 33 clouds; the same clouds with ten times the pools; ten times the clouds; and all in one cloud. */
const SHAPES: readonly Shape[] = [
  { clouds: 33, pools: 400 },
  { clouds: 33, pools: 4000 },
  { clouds: 330, pools: 4000 },
  { clouds: 1, pools: 400 },
  { clouds: 1, pools: 4000 },
];

type Decide = (request: RequestFacts) => void;

/** Policy and placement together, in process: 60 rules, and requests of every kind of outcome. */
export const bench: Bench = {
  async run(lab) {
    const set = await sixtyRules();
    const seconds = lab.quick ? 0.2 : 8;
    let first: number | null = null;
    for (const shape of lab.quick ? SHAPES.slice(0, 1) : SHAPES) {
      const snapshot = provinceOf(shape);
      const own = timed(decider(set, snapshot), { seconds, warmUpSeconds: seconds });
      const judge = plainJudgeOf(set);
      const plain = timed(decider(set, snapshot, judge), {
        seconds: seconds / 2,
        warmUpSeconds: seconds / 8,
      });
      first ??= own.cpuMs;
      lab.print({
        case: `${shape.pools} pools on ${shape.clouds} ${shape.clouds === 1 ? "cloud" : "clouds"}`,
        value: rounded(1000 / own.meanMs),
        unit: "decisions/s",
        baseline: rounded(1000 / plain.meanMs),
        ratio: rounded(plain.meanMs / own.meanMs),
        p50Ms: own.p50Ms,
        p99Ms: own.p99Ms,
        details: {
          rules: set.bySubject.request.length + set.bySubject.placement.length,
          growth: rounded(own.cpuMs / first),
          // On a machine that does other things as well, the time on the clock says little.
          cpuMs: rounded(own.cpuMs),
          baselineCpuMs: rounded(plain.cpuMs),
          baselineP99Ms: plain.p99Ms,
        },
      });
    }
  },
};

function decider(
  set: PolicySet,
  snapshot: PlacementSnapshot,
  judge?: ReturnType<typeof plainJudgeOf>,
): Decide {
  const now = new Date("2026-11-20T02:00:00Z");
  const organizationId = knownId<OrganizationId>(snapshot.organization.id);
  return (facts) => {
    const question = {
      organizationId,
      facts,
      tenancyId: null,
      existing: null,
      ownHold: [],
      dataExport: null,
    };
    const { proposals } = deliberate(
      set,
      snapshot,
      null,
      question,
      placedIn(set, snapshot, question, judge),
      now,
    );
    // The plan that would be held and shown belongs to the decision.
    proposals[0]?.planHash;
  };
}

/** One decision after the other on one core; every request is a new one, as if it had just been parsed. */
function timed(decide: Decide, { seconds, warmUpSeconds }: { seconds: number; warmUpSeconds: number }) {
  const mix = requestMix();
  const from = performance.now() + warmUpSeconds * 1000;
  const until = from + seconds * 1000;
  const took: number[] = [];
  let before = process.cpuUsage();
  for (let at = 0; performance.now() < until || took.length === 0; at += 1) {
    const request = structuredClone(mix[at % mix.length]?.request);
    if (request === undefined) throw new Error("an empty mix");
    const began = performance.now();
    decide(request);
    if (began >= from) took.push(performance.now() - began);
    else before = process.cpuUsage();
  }
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1000 / took.length;
  return { cpuMs, meanMs: took.reduce((sum, one) => sum + one, 0) / took.length, ...percentiles(took) };
}
