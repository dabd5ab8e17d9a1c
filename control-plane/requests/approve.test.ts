import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { queryRows } from "../db/tx.ts";
import { DAY_MS } from "../kernel/clock.ts";
import { type Fault, isFault } from "../kernel/fault.ts";
import { fixedPolicies } from "../policy/policies.ts";
import { policySetOf } from "../policy/policy-set.ts";
import { instances, openStory, SMALL, type Story } from "../provisioning/provisioning.fixture.ts";
import { perform, runQuery } from "../verb.ts";
import { acceptRequest } from "./accept.ts";
import { approveRequest } from "./approve.ts";
import { dryRunRequest } from "./dry-run.ts";
import { expireRequests } from "./expire.ts";
import { getRequest } from "./get.ts";
import { rejectRequest } from "./reject.ts";
import { reviewRequest } from "./review.ts";
import { submitRequest } from "./submit.ts";
import type { FullView } from "./view.ts";

let story: Story;
beforeEach(async () => {
  story = await openStory();
});
afterEach(() => story.close());

/** Above the pre-approved 16 processors, so that somebody has to approve it. */
const LARGE = {
  ...SMALL,
  system: { name: "大型系统", mlpsLevel: 2, dataClass: "general" },
  resources: { VCPU: 20, MEMORY_GIB: 40, BLOCK_STORAGE_GIB: 100 },
  instances: instances({ name: "app" }),
};

const approve = ({ id, planHash }: FullView, by = story.approver) =>
  perform(story.app, by, approveRequest, { id, planHash });
const read = ({ id }: FullView) => runQuery(story.app, story.operator, getRequest, { id });

async function reviewed(body: Record<string, unknown> = LARGE): Promise<FullView> {
  const request = await story.submit(body);
  await perform(story.app, story.operator, acceptRequest, { id: request.id });
  return perform(story.app, story.operator, reviewRequest, { id: request.id });
}

async function refusal(attempt: Promise<unknown>): Promise<Fault> {
  const error = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isFault(error)) throw error ?? new Error("was not refused");
  return error;
}

const held = async () => {
  const row = await story.one(sql`SELECT coalesce(sum(held), 0) AS held FROM inventories`);
  return Number(row.held);
};

describe("an approval", () => {
  it("is of the plan that was shown, and of no other", async () => {
    const request = await reviewed();
    const other = { ...request, planHash: `sha256:${"1".repeat(64)}` };
    expect(await refusal(approve(other))).toMatchObject({ code: "request.plan_stale" });
    expect(await approve(request)).toMatchObject({ status: "provisioning", planHash: request.planHash });
  });

  it("is never the submitter's own", async () => {
    const both = await story.callerWith([{ role: "department_member" }, { role: "approver" }]);
    const request = await perform(story.app, both, submitRequest, { body: LARGE });
    await perform(story.app, story.operator, acceptRequest, { id: request.id });
    await perform(story.app, story.operator, reviewRequest, { id: request.id });
    expect(await refusal(approve(request, both))).toMatchObject({ code: "auth.self_approval" });
    expect(await approve(request)).toMatchObject({ status: "provisioning" });
  });

  it("needs the scope that the policy names, and is 404 to whom the request is not visible", async () => {
    const request = await reviewed();
    const elsewhere = await story.callerWith([{ role: "approver", cloud: "nowhere" }]);
    expect(await refusal(approve(request, elsewhere))).toMatchObject({ code: "http.not_found" });
  });

  it("comes after acceptance and review, each along the table", async () => {
    const request = await story.submit(LARGE);
    expect(await refusal(approve(request))).toMatchObject({ code: "request.invalid_transition" });
  });
});

describe("what has drifted since the plan was made", () => {
  const drifts: [string, () => Promise<unknown>][] = [
    [
      "a price",
      () =>
        story.app.db.withTx((tx) =>
          queryRows(
            tx,
            sql`INSERT INTO price_lists (id, name_zh, name_en, effective_from, fen_per_unit_month)
                VALUES ('dearer', '新价', 'dearer', '2026-01-02', '{"VCPU": 999}')`,
          ),
        ),
    ],
    [
      "the cloud's level, which a rule reads",
      () => set(sql`UPDATE clouds SET crypto_assessment_valid_until = NULL`),
    ],
    ["the cloud, suspended", () => set(sql`UPDATE clouds SET status = 'suspended' WHERE id = 'guangzhou'`)],
  ];
  const set = (statement: ReturnType<typeof sql>) => story.app.db.withTx((tx) => queryRows(tx, statement));

  it.each(drifts)(
    "%s: refused with 409, planned again, and what was held is not held twice",
    async (_what, drift) => {
      const request = await reviewed();
      const before = await held();
      await drift();
      expect(await refusal(approve(request))).toMatchObject({ code: "request.plan_drifted" });
      const now = await read(request);
      expect(now.planHash).not.toBe(request.planHash);
      expect(await held()).toBe(now.status === "rejected" ? 0 : before);
      const [entry] = await story.rows(
        sql`SELECT action FROM audit_entries WHERE target_id = ${request.id} ORDER BY id DESC LIMIT 1`,
      );
      expect(entry?.action).toBe("request.replan");
    },
  );

  it("a policy: the new plan can be approved, the old one never again", async () => {
    const request = await reviewed();
    const policies = story.rules.policies.filter(({ document }) => document.metadata.rule !== "P10-DISTANCE");
    const app = { ...story.app, policies: fixedPolicies(policySetOf(policies)) };
    const attempt = perform(app, story.approver, approveRequest, {
      id: request.id,
      planHash: request.planHash,
    });
    expect(await refusal(attempt)).toMatchObject({ code: "request.plan_drifted" });
    const { planHash } = await read(request);
    const again = perform(app, story.approver, approveRequest, {
      id: request.id,
      planHash: request.planHash,
    });
    expect(await refusal(again)).toMatchObject({ code: "request.plan_stale" });
    expect(await perform(app, story.approver, approveRequest, { id: request.id, planHash })).toMatchObject({
      status: "provisioning",
    });
  });

  it("a policy that asks for nobody any more: an approver sets the new plan going", async () => {
    const request = await reviewed();
    const policies = story.rules.policies.filter(({ document }) => document.metadata.rule !== "Q1");
    const app = { ...story.app, policies: fixedPolicies(policySetOf(policies)) };
    const attempt = (planHash: string | null) =>
      perform(app, story.approver, approveRequest, { id: request.id, planHash });
    expect(await refusal(attempt(request.planHash))).toMatchObject({ code: "request.plan_drifted" });
    const { planHash, decision } = await read(request);
    expect(decision).toMatchObject({ outcome: "allowed", approvers: [] });
    expect(await attempt(planHash)).toMatchObject({ status: "provisioning" });
  });
});

describe("what is held for an undecided request", () => {
  it("is free again once it is rejected", async () => {
    const request = await story.submit(LARGE);
    expect(await held()).toBeGreaterThan(0);
    const rejected = await perform(story.app, story.operator, rejectRequest, {
      id: request.id,
      reason: "材料不全",
    });
    expect(rejected).toMatchObject({ status: "rejected", reason: "材料不全", holdExpiresAt: null });
    expect(await held()).toBe(0);
  });

  it("is free again when its time has run out, and the request has expired", async () => {
    const request = await story.submit(LARGE);
    story.clock.advance(story.app.config.HOLD_DAYS * DAY_MS - 1);
    expect(await expireRequests(story.app)).toBe(0);
    story.clock.advance(1);
    expect(await expireRequests(story.app)).toBe(1);
    expect(await expireRequests(story.app)).toBe(0);
    expect(await read(request)).toMatchObject({ status: "expired", holdExpiresAt: null });
    expect(await held()).toBe(0);
  });

  it("is not there for a dry run", async () => {
    const answer = await runQuery(story.app, story.member, dryRunRequest, { body: LARGE });
    expect(answer.decision.outcome).toBe("needs_approval");
    expect(await held()).toBe(0);
  });
});

describe("a clock that runs", () => {
  it("shows what is overdue", async () => {
    const request = await story.submit(LARGE);
    expect(request).toMatchObject({ overdue: false });
    story.clock.set(new Date(Date.parse(request.dueAt ?? "") + 1));
    expect(await read(request)).toMatchObject({ overdue: true });
  });

  it("makes a late decision a time-out, never a shortage", async () => {
    const { app } = story;
    let ticks = 0;
    const slow = {
      now: () => new Date(story.clock.now().getTime() + ticks++ * app.config.DECISION_TIMEOUT_MS * 2),
    };
    const attempt = runQuery({ ...app, clock: slow }, story.member, dryRunRequest, { body: SMALL });
    expect(await refusal(attempt)).toMatchObject({ code: "decision.timeout", status: 503 });
  });
});
