import { sql } from "drizzle-orm";
import { pino } from "pino";
import { EVERYWHERE } from "../../control-plane/authz/scope.ts";
import { openServer } from "../../control-plane/db/open.ts";
import { chinaDate } from "../../control-plane/kernel/calendar.ts";
import { systemClock } from "../../control-plane/kernel/clock.ts";
import { systemIds } from "../../control-plane/kernel/ids.ts";
import { DEFAULT_FACTS } from "../../control-plane/policy/default-facts.ts";
import { assess } from "../../control-plane/policy/evaluate.ts";
import { replay } from "../../control-plane/policy/impact/replay.ts";
import { policyOf } from "../../control-plane/policy/policy.fixture.ts";
import { registeredPolicies } from "../../control-plane/policy/register/in-force.ts";
import { registerFiles } from "../../control-plane/policy/register/register-files.ts";
import { judgedParts } from "../../control-plane/reports/judged-parts.ts";
import { type Bench, type Lab, ratioOf } from "./bench.ts";
import { sixtyRules } from "./decide/rules.ts";
import { insertProvince, insertTenancies } from "./scale/province.ts";

const TENANCIES = 100_000;
const QUICK = 1000;
const STEP = 50_000;

/** A rule that half of the systems break, among sixty others. */
const RULE = policyOf({
  id: "bench",
  spec: {
    validations:
      '[{ expression: pool.id.endsWith("-p1"), actual: pool.id, required: request.system.mlpsLevel }]',
  },
});

/** The impact of one policy on everything, with progress. Baseline: every rule judged before and after. */
export const bench: Bench = {
  async run(lab) {
    const count = lab.quick ? QUICK : TENANCIES;
    const db = await openServer({
      url: await lab.newDatabase(),
      connectionsMax: 4,
      statementTimeoutMs: 600_000,
    });
    const app = {
      db,
      clock: systemClock,
      ids: systemIds,
      log: pino({ level: "silent" }),
      policies: registeredPolicies(),
    };
    try {
      await db.withTx((tx) => insertProvince(tx, 33));
      for (let first = 1; first <= count; first += STEP) {
        await db.withTx((tx) => insertTenancies(tx, first, Math.min(count, first + STEP - 1)));
      }
      const facts = JSON.stringify(DEFAULT_FACTS.request);
      await db.withTx((tx) =>
        tx.execute(sql`UPDATE tenancies SET granted = jsonb_set(granted, '{facts}', ${facts}::jsonb)`),
      );
      await registerFiles(app, await sixtyRules());
      await measure(lab, app);
    } finally {
      await db.close();
    }
  },
};

async function measure(lab: Lab, app: Parameters<typeof replay>[0]): Promise<void> {
  const began = performance.now();
  let [judged, failing, reports] = [0, 0, 0];
  for await (const line of replay(app, EVERYWHERE, RULE, { requests: 0 })) {
    reports += 1;
    if ("impact" in line)
      [judged, failing] = [line.impact.resources.judged, line.impact.resources.newly_fails];
  }
  const seconds = (performance.now() - began) / 1000;
  const value = Math.round(judged / seconds);
  const baseline = await everyRule(app);
  lab.print({
    case: "impact of one policy",
    value,
    unit: "tenancies/s",
    baseline,
    ratio: ratioOf(value, baseline),
    details: {
      tenancies: judged,
      newlyFail: failing,
      seconds: Math.round(seconds * 10) / 10,
      progressLines: reports,
    },
  });
}

/** On one cloud, since it takes its time. */
async function everyRule(app: Parameters<typeof replay>[0]): Promise<number> {
  const began = performance.now();
  const now = app.clock.now();
  const set = await app.db.read((tx) => app.policies.inForce(tx, now));
  let judged = 0;
  for await (const page of judgedParts(app, EVERYWHERE, { cloudId: "cloud-12" }, chinaDate(now))) {
    for (const { about, facts } of page) {
      for (const _time of ["before", "after"]) assess(set, about, facts);
      judged += 1;
    }
  }
  return Math.round(judged / ((performance.now() - began) / 1000));
}
