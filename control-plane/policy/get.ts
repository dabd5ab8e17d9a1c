import { fault } from "../kernel/fault.ts";
import { defineQuery } from "../verb.ts";
import { GetPolicy, policyOf } from "./wire.ts";

export const getPolicy = defineQuery({
  name: "policy.get",
  permission: "policy.read",
  input: GetPolicy,
  async run(tx, ctx, { id }) {
    const { byId } = await ctx.policies.inForce(tx, ctx.clock.now());
    const policy = byId.get(id);
    if (policy === undefined) throw fault("http.not_found");
    return policyOf(policy);
  },
});
