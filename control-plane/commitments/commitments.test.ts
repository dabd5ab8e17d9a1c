import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiOf, itemsOf, type TestCall } from "../../tests/support/api.ts";
import { brokenInvariants } from "../../tests/support/invariants.ts";
import { cloudRoutes } from "../clouds/routes.ts";
import { openStory, SMALL, type Story } from "../provisioning/provisioning.fixture.ts";
import { expireTerms } from "../tenancies/expire-terms.ts";
import { reviewCommitments } from "./review.ts";
import { commitmentRoutes } from "./routes.ts";

let story: Story;
let call: TestCall;
beforeEach(async () => {
  story = await openStory();
  call = apiOf(story.app, [...commitmentRoutes, ...cloudRoutes]);
  await story.app.db.withTx(async (tx) => {
    // A pool of 60, and a second department beside the one that asks.
    await tx.execute(
      sql`UPDATE inventories SET total = 20040 WHERE pool_id = ${POOL} AND resource_class = 'VCPU'`,
    );
    await tx.execute(sql`
      INSERT INTO quota_nodes (id, parent_id, kind, cloud_id, organization_id, name_zh, name_en)
      VALUES ('gd.guangzhou.city', 'gd.guangzhou', 'department', 'guangzhou', 'gd-guangzhou', '市', 'City')`);
  });
});
afterEach(() => story.close());

const POOL = "guangzhou-extranet-kunpeng";
const WISH = {
  quotaNodeId: "gd.guangzhou.city",
  poolId: POOL,
  resourceClass: "VCPU",
  amount: 50,
  start: "2027-03-01",
  expiresAt: "2027-12-01",
};

const promise = (body: object = {}, query = "", caller = story.operator) =>
  call(caller, `POST /commitments${query}`, { body: { ...WISH, ...body } });
const statusOf = async (id: unknown) => (await call(story.operator, `GET /commitments/${id}`)).body.status;
const broken = () => brokenInvariants(story.app.db, undefined, story.clock.now());

/** Terms count 30 days longer than they last. */
const sized = (vcpu: number, end: string) => ({
  system: { name: `系统 ${vcpu} ${end}`, mlpsLevel: 2, dataClass: "general" },
  resources: { VCPU: vcpu, MEMORY_GIB: 8, BLOCK_STORAGE_GIB: 100 },
  term: { start: "2026-12-01", end },
});
const asked = (vcpu: number, end: string) => story.submit({ ...SMALL, ...sized(vcpu, end) });
const reasonOf = ({ placement }: Awaited<ReturnType<typeof asked>>) =>
  [placement?.refusals ?? []]
    .flat()
    .find((one) => "code" in one && one.poolId === POOL && one.code.startsWith("capacity."));

describe("capacity that is promised from a day on", () => {
  it("is not given away beyond it, and may be used until then", async () => {
    const made = await promise();
    expect(made).toMatchObject({
      status: 201,
      body: { status: "guaranteed", confirmBy: "2026-11-20", organizationId: "gd-guangzhou" },
    });
    expect((await asked(16, "2027-01-29")).status).toBe("provisioning");
    const denied = await asked(11, "2027-01-30");
    expect(denied.status).toBe("rejected");
    expect(reasonOf(denied)).toMatchObject({
      code: "capacity.promised",
      dimension: "VCPU",
      limit: 10,
      used: 0,
      held: 0,
      missing: 1,
      fitting: 10,
      commitmentId: made.body.id,
      from: "2027-03-01",
    });
    expect(denied.placement?.smallestChange?.options[0]).toMatchObject({
      changes: [{ kind: "amount", dimension: "VCPU", from: 11, to: 10 }],
    });
    expect((await asked(10, "2027-06-30")).status).toBe("provisioning");
    expect((await asked(2, "2027-06-30")).status).toBe("rejected");
    expect(await broken()).toEqual([]);
  });

  it("is the ledger's matter too, under its lock", async () => {
    // The picture of the first decision knows of no promise; what is promised since counts all the same.
    await promise({ amount: 60, start: "2026-11-20" });
    await story.app.db.withTx((tx) => tx.execute(sql`UPDATE commitments SET status = 'planned'`));
    const { hold } = await import("../quota/ledger.ts");
    const part = {
      role: "primary",
      cloudId: "guangzhou",
      poolId: POOL,
      quotaNodeId: "gd.guangzhou.health",
      amounts: { VCPU: 1 },
      until: "2027-01-01",
    } as never;
    const tried = () =>
      story.app.db.withTx((tx) => hold(tx, story.app, "req_1" as never, [part], new Date("2026-12-01")));
    await story.app.db.withTx((tx) => tx.execute(sql`UPDATE commitments SET status = 'confirmed'`));
    expect(await tried()).toMatchObject({
      held: false,
      refusal: { code: "capacity.promised", limit: 0, missing: 1, fitting: 0, from: "2026-11-20" },
    });
  });

  it("is there for its owner, who consumes it first", async () => {
    await promise({ quotaNodeId: "gd.guangzhou.health", amount: 50, start: "2026-11-20" });
    const pool = await call(story.operator, `GET /pools/${POOL}`);
    expect((pool.body.inventories as object[])[0]).toMatchObject({ capacity: 60, promised: 50, free: 10 });
    expect((await asked(16, "2027-06-30")).status).toBe("provisioning");
    const after = await call(story.operator, `GET /pools/${POOL}`);
    expect((after.body.inventories as object[])[0]).toMatchObject({ used: 16, promised: 34, free: 10 });
    const other = await promise({ amount: 11, start: "2027-01-01" });
    expect(other).toMatchObject({
      status: 409,
      body: { code: "commitment.no_room", details: { used: 16, promised: 34, missing: 1, fitting: 10 } },
    });
    expect(await broken()).toEqual([]);
  });

  it("is not promised twice, nor where tenancies will still be", async () => {
    await asked(16, "2027-02-10");
    const late = await promise();
    expect(late).toMatchObject({
      status: 409,
      body: { details: { dimension: "VCPU", limit: 60, used: 16, requested: 50, missing: 6, fitting: 44 } },
    });
    // Two weeks later the tenancy has been wiped.
    expect((await promise({ start: "2027-03-13" })).status).toBe(201);
    expect(await promise({ amount: 10 })).toMatchObject({ status: 201 });
    expect(await promise({ amount: 1 })).toMatchObject({
      status: 409,
      body: { details: { from: "2027-03-13" } },
    });
    expect(await broken()).toEqual([]);
  });

  it("stands in the way of a renewal and of a growth beyond its beginning", async () => {
    const tenancyId = await story.grant(sized(16, "2026-12-31"));
    await story.reconcile(tenancyId);
    const made = await promise({ amount: 50 });
    const renewed = await story.submit({ kind: "renew", tenancyId, end: "2027-01-30" });
    expect(renewed.status).toBe("rejected");
    expect(reasonOf(renewed)).toMatchObject({ code: "capacity.promised", commitmentId: made.body.id });
    expect((await story.submit({ kind: "renew", tenancyId, end: "2027-01-29" })).status).not.toBe("rejected");
  });

  it("is asked again when a renewal is carried out", async () => {
    const tenancyId = await story.grant(sized(16, "2026-12-31"));
    await story.reconcile(tenancyId);
    const { assertExtendable } = await import("./extend.ts");
    await promise({ amount: 50 });
    const staying = [{ poolId: POOL, quotaNodeId: "gd.guangzhou.health", amounts: { VCPU: 16 } }] as never;
    const attempt = (newEnd: string) =>
      story.app.db.withTx((tx) => assertExtendable(tx, story.app, staying, { end: "2026-12-31", newEnd }));
    await expect(attempt("2027-01-30")).rejects.toMatchObject({
      code: "commitment.in_the_way",
      details: { from: "2027-03-01", missing: 6 },
    });
    await expect(attempt("2027-01-29")).resolves.toBeUndefined();
  });

  it("shows by name where somebody has stayed too long", async () => {
    const tenancyId = await story.grant(sized(16, "2026-12-31"));
    await story.reconcile(tenancyId);
    await promise();
    story.clock.set("2027-02-10T00:00:00.000Z");
    await expireTerms(story.app);
    expect((await broken()).filter((line) => line.startsWith("no-promise-broken"))).toHaveLength(1);
  });
});

describe("the life of a commitment", () => {
  it("is planned until its day, then guaranteed or pending, confirmed from its beginning, and expires", async () => {
    const first = await promise({ confirmBy: "2027-01-15" });
    const second = await promise({ confirmBy: "2027-02-01", amount: 40 });
    expect([first.body.status, second.body.status]).toEqual(["planned", "planned"]);
    const story_: unknown[] = [];
    for (const day of ["2027-01-14", "2027-01-15", "2027-02-01", "2027-03-01", "2027-12-01"]) {
      story.clock.set(`${day}T00:00:00.000Z`);
      await reviewCommitments(story.app);
      story_.push([await statusOf(first.body.id), await statusOf(second.body.id)]);
      expect(await broken()).toEqual([]);
    }
    expect(story_).toEqual([
      ["planned", "planned"],
      ["guaranteed", "planned"],
      ["guaranteed", "pending"],
      ["confirmed", "pending"],
      ["expired", "expired"],
    ]);
    const rows = await story.rows(
      sql`SELECT action FROM audit_entries WHERE target_id = ${String(first.body.id)} ORDER BY id`,
    );
    expect(rows.map(({ action }) => action)).toEqual([
      "commitment.create",
      "commitment.move",
      "commitment.move",
      "commitment.move",
    ]);
  });

  it("that waits for room gets it as soon as there is some", async () => {
    const first = await promise();
    const second = await promise({ confirmBy: "2026-11-20", amount: 40 });
    expect(second.body.status).toBe("pending");
    const headers = { "if-match": '"1"' };
    const refused = await call(story.operator, `POST /commitments/${second.body.id}/confirm`, { headers });
    expect(refused.body).toMatchObject({
      code: "commitment.no_room",
      details: { commitmentId: first.body.id },
    });
    const stale = { headers: { "if-match": '"4"' }, body: { reason: "项目取消" } };
    expect((await call(story.operator, `POST /commitments/${first.body.id}/cancel`, stale)).status).toBe(412);
    const cancelled = await call(story.operator, `POST /commitments/${first.body.id}/cancel`, {
      body: { reason: "项目取消" },
    });
    expect(cancelled.body).toMatchObject({ status: "expired", reason: "项目取消" });
    await reviewCommitments(story.app);
    expect(await statusOf(second.body.id)).toBe("guaranteed");
    const again = await call(story.operator, `POST /commitments/${second.body.id}/confirm`);
    expect(again.body.code).toBe("commitment.invalid_transition");
  });

  it("can be guaranteed before its day", async () => {
    const { body } = await promise({ confirmBy: "2027-02-01" });
    expect((await asked(16, "2027-06-30")).status).toBe("provisioning");
    const late = await call(story.operator, `POST /commitments/${body.id}/confirm`);
    expect(late.body).toMatchObject({ code: "commitment.no_room", details: { missing: 6 } });
    const other = await promise({ confirmBy: "2027-02-01", amount: 44 });
    const early = await call(story.operator, `POST /commitments/${other.body.id}/confirm`);
    expect(early.body).toMatchObject({ status: "guaranteed" });
  });

  it("keeps a pool from being lowered below it without a choice", async () => {
    await promise();
    const { body } = await call(story.operator, `GET /pools/${POOL}`);
    const headers = { "if-match": `"${body.generation}"` };
    const lower = (overLimit?: object) =>
      call(story.operator, `PUT /pools/${POOL}/inventories/VCPU`, {
        headers,
        body: { total: 20030, ...(overLimit ? { overLimit } : {}) },
      });
    expect((await lower()).body).toMatchObject({
      code: "capacity.over_limit",
      details: { excesses: [{ limit: 45, used: 0, missing: 5, from: "2027-03-01" }] },
    });
    expect((await lower({ choice: "freeze" })).status).toBe(200);
    expect(await broken()).toEqual([]);
  });
});

describe("asking for a commitment", () => {
  it("can be tried without keeping anything", async () => {
    const tried = await promise({}, "?dryRun=true");
    expect(tried).toMatchObject({ status: 200, body: { id: null, status: "guaranteed" } });
    expect(itemsOf(await call(story.operator, "GET /commitments"))).toEqual([]);
  });

  it("takes an organization for a node, a moment for a day, and a cloud's zone for a pool", async () => {
    const { quotaNodeId: _node, poolId: _pool, ...wish } = WISH;
    const body = { ...wish, organizationId: "gd-guangzhou", cloudId: "guangzhou", zone: "extranet" };
    const made = await call(story.operator, "POST /commitments", {
      body: { ...body, start: "2027-02-28T16:30:00Z" },
    });
    expect(made.body).toMatchObject({ poolId: POOL, quotaNodeId: "gd.guangzhou.city", start: "2027-03-01" });
  });

  it.each([
    [{ start: "2026-11-19" }, 400],
    [{ expiresAt: "2027-03-01" }, 400],
    [{ confirmBy: "2027-03-02" }, 400],
    [{ amount: 0 }, 400],
    [{ poolId: "none" }, 400],
    [{ quotaNodeId: "gd.guangzhou" }, 400],
    [{ quotaNodeId: "gd.provincial.hrss" }, 400],
    [{ quotaNodeId: "none" }, 422],
    [{ resourceClass: "GPU" }, 409],
  ])("refuses %j with %i", async (body, status) => {
    expect((await promise(body)).status).toBe(status);
  });

  it("is the operator's; a department sees its own", async () => {
    const ofCity = await story.callerWith([{ role: "department_member", organization: "gd-guangzhou" }]);
    const { body } = await promise();
    expect((await promise({}, "", ofCity)).status).toBe(403);
    expect(itemsOf(await call(ofCity, "GET /commitments"))).toMatchObject([{ id: body.id }]);
    expect((await call(story.member, `GET /commitments/${body.id}`)).status).toBe(404);
  });
});
