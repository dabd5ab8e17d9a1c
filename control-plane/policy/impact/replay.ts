import type { Scope } from "../../authz/scope.ts";
import type { App } from "../../context.ts";
import { chinaDate } from "../../kernel/calendar.ts";
import { loadTopology, organizationFacts } from "../../placement/load-snapshot.ts";
import { countJudged, judgedParts } from "../../reports/judged-parts.ts";
import type { DecisionFacts } from "../explain/evidence.ts";
import { readFacts } from "../explain/read-facts.ts";
import type { CompiledPolicy } from "../policy-set.ts";
import { candidateOf } from "../register/candidate.ts";
import { type ImpactRequest, latestDecisions, organizationsInScope } from "./rows.ts";
import { ImpactTally } from "./tally.ts";
import type { ImpactLine, ImpactOrder } from "./wire.ts";

const TENANCIES_PER_PAGE = 500;
const REQUESTS_PER_PAGE = 200;

type Where = Pick<ImpactOrder, "organizationId" | "cloudId">;

/** The rules now and the rules with the policy, over all that is there and the latest decisions. Keeps nothing. */
export async function* replay(
  app: Pick<App, "db" | "clock" | "policies">,
  scope: Scope,
  policy: CompiledPolicy,
  { requests, ...where }: Pick<ImpactOrder, "requests" | "organizationId" | "cloudId">,
): AsyncGenerator<ImpactLine> {
  const now = app.clock.now();
  const { before, after, live } = await app.db.read(async (tx) => ({
    before: await app.policies.inForce(tx, now),
    after: (await candidateOf(tx, policy, now)).set,
    live: await countJudged(tx, scope, where),
  }));
  const tally = new ImpactTally(before, after);
  const total = live + requests;
  let done = 0;
  yield { progress: { done, total } };
  await judgeTopology(app, scope, tally, chinaDate(now));
  for await (const tenancies of judgeTenancies(app, scope, where, tally, chinaDate(now))) {
    done += tenancies;
    yield { progress: { done, total } };
  }
  for await (const decided of judgeRequests(app, scope, where, requests, tally)) {
    done += decided;
    yield { progress: { done, total } };
  }
  yield { impact: tally.result(policy) };
}

/** Rules about clouds and organizations are few, and so are these. */
async function judgeTopology(
  app: Pick<App, "db">,
  scope: Scope,
  tally: ImpactTally,
  today: string,
): Promise<void> {
  if (!tally.concerns("cloud", "organization")) return;
  await app.db.read(async (tx) => {
    for (const { id, facts } of (await loadTopology(tx)).clouds) {
      if (!scope.everywhere && !scope.cloudIds.includes(id)) continue;
      const judged = { kind: "cloud" as const, id, organizationId: null, cloudId: id };
      tally.count("cloud", 1);
      tally.add(judged, ["cloud"], { today, cloud: facts });
    }
    for (const row of await organizationsInScope(tx, scope)) {
      const judged = { kind: "organization" as const, id: row.id, organizationId: row.id, cloudId: null };
      tally.count("organization", 1);
      tally.add(judged, ["organization"], { today, organization: organizationFacts(row) });
    }
  });
}

/** Resolves page by page with how many tenancies it had. */
async function* judgeTenancies(
  app: Pick<App, "db">,
  scope: Scope,
  where: Where,
  tally: ImpactTally,
  today: string,
): AsyncGenerator<number> {
  for await (const page of judgedParts(app, scope, where, today, TENANCIES_PER_PAGE)) {
    const seen = new Set<string>();
    for (const { tenancy, part, facts } of page) {
      const judged = {
        kind: "tenancy" as const,
        id: tenancy.id,
        organizationId: tenancy.organizationId,
        cloudId: part.cloudId,
      };
      // What is asked of a tenancy as a whole is asked with its first part.
      tally.add(judged, seen.has(tenancy.id) ? ["placement"] : ["request", "tenancy", "placement"], facts);
      seen.add(tenancy.id);
    }
    tally.count("tenancy", seen.size);
    yield seen.size;
  }
}

/** The latest decision on each request, with the facts of then, at the places that were chosen or denied then. */
async function* judgeRequests(
  app: Pick<App, "db">,
  scope: Scope,
  where: Where,
  limit: number,
  tally: ImpactTally,
): AsyncGenerator<number> {
  let before = "";
  for (let left = limit; left > 0; ) {
    const from = before;
    const page = await app.db.read(async (tx) => {
      const rows = await latestDecisions(tx, scope, where, from, Math.min(left, REQUESTS_PER_PAGE));
      const facts = await readFacts(
        tx,
        rows.map(({ decision }) => decision.facts),
      );
      return rows.map((row, at) => ({ ...row, facts: facts[at] }));
    });
    for (const one of page) if (one.facts !== undefined) judgeRequest(tally, one, one.facts);
    tally.count("request", page.length);
    yield page.length;
    const last = page.at(-1);
    if (last === undefined) return;
    before = last.decision.id;
    left -= page.length;
  }
}

function judgeRequest(
  tally: ImpactTally,
  { requestId, organizationId, cloudId }: ImpactRequest,
  { places, ...general }: DecisionFacts,
): void {
  const judged = { kind: "request" as const, id: requestId, organizationId, cloudId };
  tally.add(judged, ["request"], general);
  for (const place of places) tally.add(judged, ["placement"], place);
}
