import { afterAll, beforeAll, expect, test } from "vitest";
import { YunhengProcess } from "../support/process.ts";
import { SAMPLE_REQUEST, SMALL_REQUEST } from "./sample-request.ts";

const yunheng = new YunhengProcess();
let member = "";
let operator = "";
let approver = "";
let auditor = "";
let cloudOperator = "";

beforeAll(async () => {
  await yunheng.start();
  member = await yunheng.tokenFor("hrss-member", "department_member", {
    kind: "organization",
    id: "gd-hrss",
  });
  operator = await yunheng.tokenFor("operator", "provincial_operator");
  approver = await yunheng.tokenFor("approver", "approver");
  auditor = await yunheng.tokenFor("auditor", "auditor");
  cloudOperator = await yunheng.tokenFor("provider", "cloud_operator", {
    kind: "cloud",
    id: "gd-provincial",
  });
});
afterAll(() => yunheng.dispose());

const inStatus = (token: string, path: string, status: string) =>
  yunheng.until(
    () => yunheng.call(token, "GET", path),
    (answer) => answer.body.status === status,
  );

test("a small request is decided, provisioned and audited without a person", async () => {
  const answer = await yunheng.call(member, "POST", "/tenancy-requests", SMALL_REQUEST);
  expect(answer.status).toBe(202);
  expect(answer.body).toMatchObject({ status: "provisioning", decision: { outcome: "allowed" } });
  expect(answer.body.placement.chosen.cloudId).toBe("gd-provincial");

  const tenancy = await inStatus(member, `/tenancies/${answer.body.tenancyId}`, "trial");
  expect(tenancy.body.granted.resources).toEqual(SMALL_REQUEST.resources);
  const operation = await yunheng.call(member, "GET", `/operations/${answer.body.operationId}`);
  expect(operation.body).toMatchObject({ status: "succeeded", progress: 100 });
  const trail = await yunheng.call(auditor, "GET", `/audit/entries?targetId=${answer.body.id}`);
  const actions = trail.body.items.map((entry: { action: string }) => entry.action);
  expect(actions).toEqual(expect.arrayContaining(["request.submit", "request.approve"]));
});

test("a large request waits for the approval of exactly the plan that is then carried out", async () => {
  const dryRun = await yunheng.call(member, "POST", "/tenancy-requests/dry-run", SAMPLE_REQUEST);
  expect(dryRun.status).toBe(200);
  const answer = await yunheng.call(member, "POST", "/tenancy-requests", SAMPLE_REQUEST);
  expect(answer.body).toMatchObject({ status: "submitted", decision: { outcome: "needs_approval" } });
  expect(answer.body.plan).toEqual(dryRun.body.plan);
  const path = `/tenancy-requests/${answer.body.id}`;
  const { planHash } = answer.body;

  expect((await yunheng.call(approver, "POST", `${path}/approve`, { planHash })).body.code).toBe(
    "request.invalid_transition",
  );
  expect((await yunheng.call(operator, "POST", `${path}/accept`, {})).body.status).toBe("accepted");
  expect((await yunheng.call(operator, "POST", `${path}/review`, { opinion: "资源匹配" })).body.status).toBe(
    "reviewed",
  );
  expect((await yunheng.call(operator, "POST", `${path}/approve`, { planHash })).status).toBe(403);
  const other = `sha256:${"0".repeat(64)}`;
  expect((await yunheng.call(approver, "POST", `${path}/approve`, { planHash: other })).body.code).toBe(
    "request.plan_stale",
  );
  const approved = await yunheng.call(approver, "POST", `${path}/approve`, { planHash });
  expect(approved.body).toMatchObject({ status: "provisioning", planHash });

  const tenancy = await inStatus(member, `/tenancies/${approved.body.tenancyId}`, "trial");
  const roles = tenancy.body.placements.map((placement: { role: string }) => placement.role);
  expect(roles.sort()).toEqual(["primary", "recovery"]);
  for (const token of [member, operator, cloudOperator]) {
    await yunheng.call(token, "POST", `/tenancies/${approved.body.tenancyId}/confirm`, {});
  }
  expect((await yunheng.call(member, "GET", path)).body.status).toBe("in_service");

  const release = { kind: "release", tenancyId: approved.body.tenancyId, dataExport: "done" };
  const released = await yunheng.call(member, "POST", "/tenancy-requests", release);
  expect(released.status).toBe(202);
  const closed = await inStatus(member, `/tenancies/${approved.body.tenancyId}`, "closed");
  expect(closed.body.claims ?? []).toEqual([]);
});

test("what is refused says which rules, and what would be possible instead", async () => {
  const wanted = { ...SMALL_REQUEST, system: { name: "四级系统", mlpsLevel: 4, dataClass: "general" } };
  const level = await yunheng.call(member, "POST", "/tenancy-requests", wanted);
  expect(level.body).toMatchObject({ status: "rejected", decision: { outcome: "denied" } });
  const rules = level.body.decision.violations.map((violation: { ruleId: string }) => violation.ruleId);
  expect(rules).toContain("P3");

  const huge = { ...SMALL_REQUEST, resources: { ...SMALL_REQUEST.resources, VCPU: 5_000_000 } };
  const answer = await yunheng.call(member, "POST", "/tenancy-requests/dry-run", huge);
  expect(answer.body.decision.outcome).toBe("denied");
  expect(answer.body.placement.smallestChange.message.zh).toContain("VCPU");
  const refusal = answer.body.placement.refusals.find(
    (one: { missing: number | null }) => one.missing !== null,
  );
  expect(refusal.missing).toBeGreaterThan(0);
});
