import { afterOf, pageOf } from "../http/page.ts";
import { fault } from "../kernel/fault.ts";
import { type AccountId, knownId } from "../kernel/ids.ts";
import { defineQuery } from "../verb.ts";
import { grantRowsOf, listTokens as listRows } from "./rows.ts";
import { ListTokens, tokenOf } from "./wire.ts";

/** All tokens with their accounts and grants, never a secret; oldest first. */
export const listTokens = defineQuery({
  name: "token.list",
  permission: "token.manage",
  input: ListTokens,
  async run(tx, ctx, { limit, cursor, accountId }) {
    if (!ctx.scope.everywhere) throw fault("auth.forbidden", { permission: "token.manage" });
    const wanted = accountId === undefined ? null : knownId<AccountId>(accountId);
    const rows = await listRows(tx, wanted, afterOf(cursor), limit);
    const grants = await grantRowsOf(
      tx,
      rows.map(({ account }) => account.id),
    );
    return pageOf(
      rows,
      limit,
      ({ token }) => token.id,
      (row) => tokenOf(row, grants.get(row.account.id) ?? []),
    );
  },
});
