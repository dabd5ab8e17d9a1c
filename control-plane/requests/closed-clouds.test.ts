import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { apiOf } from "../../tests/support/api.ts";
import { cloudRoutes } from "../clouds/routes.ts";
import { MINUTE_MS, plus } from "../kernel/clock.ts";
import { openStory, SMALL, type Story } from "../provisioning/provisioning.fixture.ts";
import { authorise, Overtaken } from "../verb.ts";
import { tryCreate } from "./dry-runs.ts";
import { submitRequest } from "./submit.ts";
import { submitTogether } from "./submit-together.ts";
import { CreateBody } from "./wire-body.ts";

let story: Story;
beforeAll(async () => {
  story = await openStory();
});
afterAll(() => story.close());
beforeEach(async () => {
  await cloud("status = 'active', supports = NULL");
  await lookedAt(0);
});

const HERE = { ...SMALL, requirements: { cloudIds: ["guangzhou"] } };

/** As another process would: this one does not notice. */
const cloud = (change: string) =>
  story.app.db.executeSql(`UPDATE clouds SET ${change} WHERE id = 'guangzhou'`, []);
const lookedAt = (minutesAgo: number) =>
  story.app.db.withTx((tx) =>
    tx.execute(sql`
      INSERT INTO cloud_syncs (cloud_id, attempted_at, synced_at, watched_since)
      SELECT 'guangzhou', at, at, at FROM (SELECT ${at(minutesAgo)}::timestamptz AS at) look
      ON CONFLICT (cloud_id) DO UPDATE SET synced_at = excluded.synced_at`),
  );
const at = (minutesAgo: number) => plus(story.clock.now(), -minutesAgo * MINUTE_MS).toISOString();
const rulesOf = async (body: Record<string, unknown>) =>
  (await story.submit(body)).decision.violations.map(({ ruleId }) => ruleId);

it("a cloud that was not looked through for too long takes nothing new, and shows why", async () => {
  await lookedAt(59);
  const before = await story.submit({ ...HERE, purpose: "及时" });
  expect(before.status).toBe("provisioning");
  await lookedAt(61);
  expect(await rulesOf({ ...HERE, purpose: "过期" })).toEqual(["cloud.outdated"]);
  const call = apiOf(story.app, cloudRoutes);
  const shown = await call(story.member, "GET /clouds/guangzhou");
  expect(shown.body.picture).toMatchObject({
    ageSeconds: 61 * 60,
    outdated: true,
    outdatedAfterSeconds: 3600,
  });
  expect((await call(story.member, "GET /clouds/shenzhen")).body.picture).toMatchObject({
    ageSeconds: null,
    outdated: false,
  });
});

it("a cloud that another process has suspended since the decision takes nothing", async () => {
  const body = CreateBody.parse({ ...HERE, purpose: "抢先" });
  const ctx = await authorise(story.app, story.member, submitRequest);
  const tried = await tryCreate(story.app.db, { ctx, body });
  expect(tried.deliberation.proposals).not.toEqual([]);
  await cloud("status = 'suspended'");
  const [ending] = await story.app.db.withTx((tx) => submitTogether(tx, [{ ctx, body, ...tried }]));
  expect(ending?.status === "rejected" && ending.reason).toBeInstanceOf(Overtaken);
  // Whoever comes the usual way is told the reason.
  expect(await rulesOf(body)).toEqual(["cloud.suspended"]);
});

it("what a cloud has said that it cannot do is not asked of it", async () => {
  await cloud(`supports = '{"instances": false, "resize": false, "suspend": false}'`);
  await story.app.db.withTx(async () => undefined);
  expect(await rulesOf({ ...HERE, purpose: "主机" })).toEqual(["cloud.unsupported"]);
});
