import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import type { CompiledPolicy } from "./policy-set.ts";
import { ListPolicies, policyOf } from "./wire.ts";

/** The rules that decide now, by pack and id. */
export const listPolicies = defineQuery({
  name: "policy.list",
  permission: "policy.read",
  input: ListPolicies,
  async run(tx, ctx, { limit, cursor, kind, subject, action }) {
    const after = afterOf(cursor);
    const { policies } = await ctx.policies.inForce(tx, ctx.clock.now());
    const wanted = policies.filter(
      (policy) =>
        keyOf(policy) > after &&
        (kind === undefined || policy.document.kind === kind) &&
        (subject === undefined || policy.subject === subject) &&
        (action === undefined || policy.document.spec.action === action),
    );
    return pageOf(wanted, limit, keyOf, policyOf);
  },
});

function keyOf({ pack, document }: CompiledPolicy): string {
  return `${pack}/${document.metadata.id}`;
}
