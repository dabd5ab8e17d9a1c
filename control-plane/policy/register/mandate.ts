import { covers } from "../../authz/scope.ts";
import type { Ctx } from "../../context.ts";
import type { Tx } from "../../db/tx.ts";
import { fault } from "../../kernel/fault.ts";
import { type CloudId, knownId } from "../../kernel/ids.ts";
import type { PolicyDocument } from "../schema.ts";
import { organizationPaths } from "./store.ts";

/**
 * Whoever answers for a part of the province makes rules for that part only. A list of organizations or of clouds is
 * within it where each of them is; any other scope is the province's. @throws auth.forbidden
 */
export async function assertMandate(
  tx: Tx,
  ctx: Pick<Ctx, "scope">,
  ...documents: readonly PolicyDocument[]
): Promise<void> {
  if (ctx.scope.everywhere) return;
  for (const { metadata, spec } of documents) {
    const { clouds = [], organizations = [] } = spec.scope ?? {};
    const paths = await organizationPaths(tx, organizations);
    const within =
      (clouds.length > 0 && clouds.every((id) => covers(ctx.scope, { cloudId: knownId<CloudId>(id) }))) ||
      (organizations.length > 0 &&
        organizations.every((id) => covers(ctx.scope, { organizationPath: paths.get(id) ?? null })));
    if (!within)
      throw fault("auth.forbidden", { policyId: metadata.id, required: "the scope of the policy" });
  }
}
