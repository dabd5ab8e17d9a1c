import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { apiOf, type TestCall } from "../../tests/support/api.ts";
import { tenancyRoutes } from "../tenancies/routes.ts";
import { lookAt } from "./look.fixture.ts";
import { instances, openStory, type Story } from "./provisioning.fixture.ts";

let story: Story;
let look: ReturnType<typeof lookAt>;
let call: TestCall;

beforeAll(async () => {
  story = await openStory();
  look = lookAt(story);
  call = apiOf(story.app, tenancyRoutes);
});
afterAll(() => story.close());
beforeEach(() => rule("report", "report"));

const rule = (changed: string, lost: string) =>
  story.app.db.withTx((tx) => tx.execute(sql`UPDATE clouds SET on_drift = ${changed}, on_loss = ${lost}`));
const driftShown = async (id: string) => {
  const { body } = await call(story.operator, `GET /tenancies/${id}`);
  const [placement] = body.placements as { drift: { object: string; field: string; observed: unknown }[] }[];
  return placement?.drift.map(({ object, field, observed }) => `${object} ${field} ${observed}`);
};
const drifts = async (id: string) =>
  (await look.auditOf(id)).filter((action) => String(action).startsWith("tenancy.drift")).length;
const repair = (id: string, caller = story.operator) =>
  call(caller, `POST /tenancies/${id}/repair`, { body: { reason: "恢复到批复状态" } });

it("shows and records a change once, leaves it, and repairs it when somebody orders it", async () => {
  const id = await story.inTrial();
  const name = await look.nameOf(id);
  expect(await driftShown(id)).toEqual([]);
  expect((await repair(id)).body.code).toBe("tenancy.not_drifted");
  const quota = { VCPU: 999, MEMORY_GIB: 8, BLOCK_STORAGE_GIB: 100 };
  await story.admin("PATCH", `/tenancies/${name}`, { quota });
  await story.reconcile(id);
  await story.reconcile(id);
  expect(await driftShown(id)).toContain("tenancy quota.VCPU 999");
  expect((await look.atCloud(id)).quota).toEqual(quota);
  expect(await drifts(id)).toBe(1);
  expect(await look.statusOf(id)).toBe("trial");
  expect((await repair(id, story.member)).status).toBe(403);
  const ordered = await repair(id);
  expect(ordered).toMatchObject({ status: 202, body: { operationId: expect.stringMatching(/^op_/) } });
  await story.reconcile(id);
  expect(await driftShown(id)).toEqual([]);
  expect((await look.operationOf(id)).status).toBe("succeeded");
  expect((await look.auditOf(id)).slice(-2)).toEqual(["tenancy.repair", "tenancy.repaired"]);
});

it("leaves what was deleted, or makes it again, as the cloud's rule says", async () => {
  const id = await story.inTrial({ instances: instances({ name: "app", count: 1 }) });
  const name = await look.nameOf(id);
  await story.admin("DELETE", `/tenancies/${name}/instances/app-1`);
  await story.reconcile(id);
  expect(await driftShown(id)).toEqual(["instance:app-1 exists false"]);
  await rule("report", "recreate");
  await story.reconcile(id);
  await story.reconcile(id);
  expect(await driftShown(id)).toEqual([]);
  await story.admin("DELETE", `/tenancies/${name}`);
  await rule("repair", "report");
  await story.reconcile(id);
  expect(await driftShown(id)).toEqual(["tenancy exists false"]);
});
