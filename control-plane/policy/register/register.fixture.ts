import { apiOf, type TestAnswer, type TestCall } from "../../../tests/support/api.ts";
import { type TestApp, testApp } from "../../../tests/support/app.ts";
import { smallProvince } from "../../../tests/support/small-province.ts";
import type { App, Caller } from "../../context.ts";
import { type PolicyFields, policyYaml } from "../policy.fixture.ts";
import { policyRoutes } from "../routes.ts";
import { registeredPolicies } from "./in-force.ts";

/** A province without a rule, somebody who writes some, and somebody who puts them in force. */
export interface Register {
  readonly harness: TestApp;
  readonly app: App;
  readonly call: TestCall;
  readonly author: Caller;
  readonly security: Caller;
  draft(fields: PolicyFields, caller?: Caller): Promise<TestAnswer>;
  activate(id: string, version?: number, caller?: Caller): Promise<TestAnswer>;
  retire(id: string, version?: number, caller?: Caller): Promise<TestAnswer>;
  /** Drafted and activated. */
  establish(fields: PolicyFields): Promise<void>;
}

export async function openRegister(): Promise<Register> {
  const harness = await testApp();
  const app = { ...harness.app, policies: registeredPolicies() };
  const call = apiOf(app, policyRoutes);
  await app.db.withTx(smallProvince);
  const author = await harness.callerWith([{ role: "provincial_operator" }]);
  const security = await harness.callerWith([{ role: "security_administrator" }]);
  const draft: Register["draft"] = (fields, caller = author) =>
    call(caller, "POST /policies", { body: { yaml: policyYaml(fields) } });
  const activate: Register["activate"] = (id, version = 1, caller = security) =>
    call(caller, `POST /policies/${id}/versions/${version}/activate`);
  return {
    harness,
    app,
    call,
    author,
    security,
    draft,
    activate,
    retire: (id, version = 1, caller = security) =>
      call(caller, `POST /policies/${id}/versions/${version}/retire`, { body: { reason: "不再需要" } }),
    async establish(fields) {
      const answers = [await draft(fields), await activate(fields.id ?? "never", fields.version)];
      const failed = answers.find(({ status }) => status >= 400);
      if (failed !== undefined) throw new Error(failed.text);
    },
  };
}
