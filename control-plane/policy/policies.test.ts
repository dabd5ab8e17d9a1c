import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiOf, idsOf, itemsOf } from "../../tests/support/api.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import type { Caller } from "../context.ts";
import { loadPolicies } from "./load.ts";
import { policyRoutes } from "./routes.ts";

let harness: TestApp;
let call: ReturnType<typeof apiOf>;
let operator: Caller;

beforeAll(async () => {
  harness = await testApp({ policies: await loadPolicies(["policies"]) });
  call = apiOf(harness.app, policyRoutes);
  operator = await harness.callerWith([{ role: "cloud_operator" }]);
});
afterAll(() => harness.close());

describe("policies", () => {
  it("are shown as they are written", async () => {
    const policy = await call(operator, "GET /policies/mlps-floor");
    expect(policy.body).toMatchObject({
      id: "mlps-floor",
      pack: "core",
      kind: "SecurityBaseline",
      rule: "P1",
      subject: "placement",
      action: "deny",
      severity: "high",
      assessment: "automatic",
      basis: [{ standard: "GB/T 22239-2019" }],
    });
    const document = harness.rules.byId.get("mlps-floor")?.document;
    expect(document).toBeDefined();
    expect(policy.body.match).toBe(document?.spec.match ?? null);
    expect(policy.body.validations).toMatchObject(
      document?.spec.validations.map(({ expression, actual, required }) => ({
        expression,
        actual,
        required,
      })) ?? [],
    );
  });

  it("name who has to approve", async () => {
    const list = await call(operator, "GET /policies?action=require-approval");
    expect(itemsOf(list).length).toBeGreaterThan(0);
    for (const { action, approvers } of itemsOf(list)) {
      expect(action).toBe("require-approval");
      expect(approvers).toContainEqual({ role: "approver", scope: expect.any(String) });
    }
  });

  it("are filtered by kind and subject", async () => {
    const byKind = itemsOf(await call(operator, "GET /policies?kind=ReusePolicy"));
    expect(byKind.length).toBeGreaterThan(0);
    expect(new Set(byKind.map(({ kind }) => kind))).toEqual(new Set(["ReusePolicy"]));
    const bySubject = itemsOf(await call(operator, "GET /policies?subject=placement"));
    expect(bySubject.length).toBe(harness.rules.bySubject.placement.length);
    expect((await call(operator, "GET /policies?kind=Other")).body.code).toBe("http.invalid_input");
  });

  it("come in pages that neither repeat nor skip", async () => {
    const ids: unknown[] = [];
    for (let cursor: unknown = ""; cursor !== null; ) {
      const page = await call(operator, `GET /policies?limit=7${cursor === "" ? "" : `&cursor=${cursor}`}`);
      ids.push(...idsOf(page));
      cursor = page.body.nextCursor;
    }
    expect(ids).toEqual(harness.rules.policies.map(({ document }) => document.metadata.id));
  });

  it("answer 404 where there is none, and 403 to somebody without any role", async () => {
    expect((await call(operator, "GET /policies/none")).status).toBe(404);
    const nobody = await harness.callerWith([]);
    expect((await call(nobody, "GET /policies")).body.code).toBe("auth.forbidden");
    expect((await call(nobody, "GET /policies/mlps-floor")).body.code).toBe("auth.forbidden");
  });
});
