import { fault } from "../kernel/fault.ts";
import { defineVerb } from "../verb.ts";
import { grantRowsOf, lockToken, revokeToken as revokeRow } from "./rows.ts";
import { RevokeToken, tokenOf } from "./wire.ts";

/** Ends a token at once. One that is revoked already stays as it is: twice equals once. */
export const revokeToken = defineVerb({
  name: "token.revoke",
  permission: "token.manage",
  input: RevokeToken,
  async run(tx, ctx, { id, reason }) {
    if (!ctx.scope.everywhere) throw fault("auth.forbidden", { permission: "token.manage" });
    const row = await lockToken(tx, id);
    if (row === undefined) throw fault("http.not_found");
    const grants = (await grantRowsOf(tx, [row.account.id])).get(row.account.id) ?? [];
    const before = tokenOf(row, grants);
    const revoked = await revokeRow(tx, row.token.id, ctx.clock.now());
    if (revoked === undefined) return { result: before, audit: [] };
    const after = tokenOf({ token: revoked, account: row.account }, grants);
    return {
      result: after,
      audit: {
        action: "token.revoke",
        targetType: "token",
        targetId: after.id,
        organizationId: row.account.organizationId,
        reason: reason ?? null,
        before: { account: before.account, name: before.name, revokedAt: null },
        after: { account: after.account, name: after.name, revokedAt: after.revokedAt },
      },
    };
  },
});
