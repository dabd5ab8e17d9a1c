import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { brokenInvariants } from "../../../tests/support/invariants.ts";
import { tokenFor } from "../../../tests/support/token.ts";
import type { Tx } from "../../db/tx.ts";
import { httpApp } from "../../http/app.ts";
import { openMetrics } from "../../http/metrics.ts";
import { openStory, SMALL, type Story } from "../../provisioning/provisioning.fixture.ts";
import { verifyQuotaCommand } from "./command.ts";
import { DIFFERENCES_MAX, type Findings } from "./invariant.ts";
import { INVARIANTS } from "./invariants.ts";
import { verify } from "./verify.ts";

/** One tenancy with claims and one request with a hold, on a database of each kind: `openStory` opens `testApp`. */
let story: Story;

beforeAll(async () => {
  story = await openStory();
  await story.grant();
  await story.submit({ ...SMALL, purpose: "大型", resources: { ...SMALL.resources, VCPU: 17 } });
});
afterAll(() => story.close());

class RollBack extends Error {}

/** What each invariant finds after `harm`, of which nothing stays. */
async function findingsAfter(harm: (tx: Tx) => Promise<unknown>): Promise<Map<string, Findings>> {
  const found = new Map<string, Findings>();
  const look = story.app.db.withTx(async (tx) => {
    await harm(tx);
    for (const { name, check } of INVARIANTS) {
      const findings = await check(tx, story.clock.now(), { retentionDays: 30 });
      if (findings.total > 0) found.set(name, findings);
    }
    throw new RollBack();
  });
  await expect(look).rejects.toThrow(RollBack);
  return found;
}

const HEALTH = sql`node_id = 'gd.guangzhou.health' AND resource_class = 'VCPU'`;

/** What is done behind the ledger's back, and the names under which it is found. */
const HARM: readonly (readonly [statement: ReturnType<typeof sql>, ...broken: string[]])[] = [
  [
    sql`UPDATE quota_limits SET held = held + 1, used = used - 1 WHERE ${HEALTH}`,
    "node-counters-equal-ledger",
    "held-equals-active-holds",
    "used-equals-claims",
  ],
  [
    sql`UPDATE inventories SET used = used + 1 WHERE resource_class = 'VCPU' AND used > 0`,
    "pool-counters-equal-ledger",
    "used-equals-claims",
  ],
  [sql`UPDATE holds SET state = 'released' WHERE state = 'active'`, "held-equals-active-holds"],
  [
    sql`UPDATE claims SET amount = amount + 1 WHERE resource_class = 'VCPU'`,
    "used-equals-claims",
    "live-tenancies-have-their-claims",
  ],
  [sql`UPDATE inventories SET total = reserved WHERE resource_class = 'VCPU'`, "usage-within-capacity"],
  [sql`UPDATE quota_limits SET usage = usage + 1 WHERE ${HEALTH}`, "node-figures-derived"],
  [
    sql`UPDATE quota_limits SET nominal = 0, subtree_quota = 0, local_quota = 0`,
    "node-figures-derived",
    "usage-within-quota",
  ],
  [
    sql`INSERT INTO commitments (id, quota_node_id, pool_id, cloud_id, resource_class, amount, status,
                                 confirm_by, start, expires_at, created_at)
        VALUES ('cmt_1', 'gd.guangzhou.health', 'guangzhou-extranet-kunpeng', 'guangzhou', 'VCPU', 1000000,
                'guaranteed', '2026-11-20', '2027-01-01', '2027-02-01', now())`,
    "no-promise-broken",
  ],
  [sql`UPDATE inventories SET promised = true WHERE resource_class = 'VCPU'`, "no-promise-broken"],
  [sql`UPDATE holds SET expires_at = '2026-11-20T01:54:59Z'`, "no-expired-hold-counted"],
  [sql`UPDATE tenancies SET status = 'closed'`, "claims-belong-to-live-tenancies"],
  [
    sql`UPDATE placements SET desired = jsonb_set(desired, '{tenancy,quota,VCPU}', '5')`,
    "live-tenancies-have-their-claims",
  ],
  [
    sql`UPDATE tenancy_requests SET status = 'withdrawn' WHERE status = 'submitted'`,
    "active-holds-await-a-decision",
  ],
  [sql`UPDATE tenancy_requests SET tenancy_id = (SELECT id FROM tenancies)`, "one-creation-per-tenancy"],
  [sql`UPDATE tenancies SET status = 'changing'`, "changes-have-their-request"],
];

describe("every invariant", () => {
  it("holds to begin with", async () => {
    expect(await brokenInvariants(story.app.db, INVARIANTS, story.clock.now())).toEqual([]);
  });

  it.each(HARM.map(([statement, ...broken]) => ({ statement, broken })))(
    "is found broken by name: $broken",
    async ({ statement, broken }) => {
      const found = await findingsAfter((tx) => tx.execute(statement));
      expect([...found.keys()]).toEqual(broken);
      for (const { total, differences } of found.values()) expect(differences).toHaveLength(total);
    },
  );

  it("is broken by one of these", () => {
    const named = new Set(HARM.flatMap(([, ...broken]) => broken));
    expect(INVARIANTS.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([]);
  });

  it("says where, and in which figures", async () => {
    const found = await findingsAfter((tx) => tx.execute(HARM[1]?.[0] ?? sql``));
    expect(found.get("pool-counters-equal-ledger")?.differences).toEqual([
      {
        place: "guangzhou-extranet-kunpeng VCPU",
        figures: { held: 17, used: 5, ledger_held: 17, ledger_used: 4 },
      },
    ]);
  });

  it("counts what it does not list", async () => {
    const found = await findingsAfter((tx) =>
      tx.execute(sql`
        INSERT INTO ledger_entries (at, kind, cloud_id, pool_id, quota_node_id, resource_class, held_delta, used_delta)
        SELECT now(), 'commit', 'guangzhou', 'pool-' || n, 'gd.guangzhou.health', 'VCPU', 0, 1
          FROM generate_series(1, ${DIFFERENCES_MAX + 20}::int) n`),
    );
    const findings = found.get("pool-counters-equal-ledger");
    expect(findings?.total).toBe(DIFFERENCES_MAX + 20);
    expect(findings?.differences).toHaveLength(DIFFERENCES_MAX);
  });

  it("does not mind a hold that waits for the next turn of the task that takes it away", async () => {
    const found = await findingsAfter((tx) =>
      tx.execute(sql`UPDATE holds SET expires_at = '2026-11-20T01:55:01Z'`),
    );
    expect([...found.keys()]).toEqual([]);
  });
});

describe("a look", () => {
  const harm = (by: number) =>
    story.rows(sql`UPDATE quota_limits SET usage = usage + ${by}::int WHERE ${HEALTH}`);
  const trail = () =>
    story.rows(sql`
      SELECT action, outcome, target_id, "after" FROM audit_entries WHERE target_type = 'invariant' ORDER BY id`);
  const run = async (json: boolean) => {
    const lines: string[] = [];
    const code = await verifyQuotaCommand(story.app, { json }, (line) => lines.push(line));
    return { code, lines };
  };

  it("leaves no trace while everything holds", async () => {
    const { code, lines } = await run(false);
    expect(code).toBe(0);
    expect(lines.at(-1)).toBe(`${INVARIANTS.length} 项全部成立 / all ${INVARIANTS.length} hold`);
    expect(await trail()).toEqual([]);
  });

  it("reports what breaks once, and once more when it holds again", async () => {
    await harm(1);
    const { code, lines } = await run(true);
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    const answer = JSON.parse(lines[0] ?? "");
    expect(answer).toMatchObject({ ok: false, checkedAt: "2026-11-20T02:00:00.000Z" });
    const broken = answer.invariants.filter(({ holds }: { holds: boolean }) => !holds);
    expect(broken).toMatchObject([
      { name: "node-figures-derived", total: 1, differences: [{ place: "gd.guangzhou.health VCPU" }] },
    ]);
    expect((await run(false)).lines.join("\n")).toContain("不成立 BROKEN  node-figures-derived");
    await Promise.all([verify(story.app), verify(story.app)]);
    expect(await trail()).toMatchObject([
      {
        action: "ledger.broken",
        outcome: "failed",
        target_id: "node-figures-derived",
        after: { holds: false, total: 1 },
      },
    ]);

    await harm(-1);
    expect((await run(true)).code).toBe(0);
    await verify(story.app);
    expect((await trail()).map(({ action }) => action)).toEqual(["ledger.broken", "ledger.restored"]);
  });

  it("is read by those who scrape metrics", async () => {
    const hono = httpApp(story.app, openMetrics());
    const token = await tokenFor(story, [{ role: "auditor" }]);
    const scraped = async () => {
      const answer = await hono.request("/metrics", { headers: { authorization: `Bearer ${token}` } });
      const lines = (await answer.text()).split("\n");
      return lines.filter((line) => line.startsWith("yunheng_invariants_broken{"));
    };
    expect(await scraped()).toHaveLength(INVARIANTS.length);
    await harm(1);
    await verify(story.app);
    expect(await scraped()).toContain('yunheng_invariants_broken{invariant="node-figures-derived"} 1');
    await harm(-1);
    await verify(story.app);
    expect(await scraped()).toContain('yunheng_invariants_broken{invariant="node-figures-derived"} 0');
  });
});
