import { fault } from "../kernel/fault.ts";
import { defineQuery } from "../verb.ts";
import { GetPolicy, policyOf } from "./wire.ts";

export const getPolicy = defineQuery({
  name: "policy.get",
  permission: "policy.read",
  input: GetPolicy,
  async run(_tx, ctx, { id }) {
    const policy = ctx.policies.byId.get(id);
    if (policy === undefined) throw fault("http.not_found");
    return policyOf(policy);
  },
});
