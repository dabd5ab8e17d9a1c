import { and, asc, eq, gt, isNull, lt, or } from "drizzle-orm";
import type { Grant } from "../authz/scope.ts";
import { accounts, roleGrants, tokens } from "../db/schema/accounts.ts";
import { organizations } from "../db/schema/organizations.ts";
import type { Tx } from "../db/tx.ts";
import type { AccountId, TokenId } from "../kernel/ids.ts";

export type AccountRow = typeof accounts.$inferSelect;
export type TokenRow = typeof tokens.$inferSelect;

export async function findTokenBySecretHash(tx: Tx, hash: string) {
  const [row] = await tx
    .select({ token: tokens, account: accounts })
    .from(tokens)
    .innerJoin(accounts, eq(accounts.id, tokens.accountId))
    .where(eq(tokens.secretHash, hash));
  return row;
}

export async function grantsOf(tx: Tx, accountId: AccountId): Promise<Grant[]> {
  const rows = await tx
    .select({ grant: roleGrants, path: organizations.path })
    .from(roleGrants)
    .leftJoin(
      organizations,
      and(eq(roleGrants.scopeKind, "organization"), eq(organizations.id, roleGrants.scopeId as never)),
    )
    .where(eq(roleGrants.accountId, accountId));
  return rows.map(({ grant, path }) => ({
    role: grant.role,
    scopeKind: grant.scopeKind,
    scopeId: grant.scopeId,
    organizationPath: path ?? "",
  }));
}

/** Last use is kept to the minute, so that reading does not write on every request. */
export async function touchToken(tx: Tx, tokenId: TokenId, now: Date): Promise<void> {
  const stale = or(isNull(tokens.lastUsedAt), lt(tokens.lastUsedAt, new Date(now.getTime() - 60_000)));
  await tx
    .update(tokens)
    .set({ lastUsedAt: now })
    .where(and(eq(tokens.id, tokenId), stale));
}

export async function findAccountByName(tx: Tx, name: string): Promise<AccountRow | undefined> {
  const [row] = await tx.select().from(accounts).where(eq(accounts.name, name));
  return row;
}

export async function insertAccount(tx: Tx, row: typeof accounts.$inferInsert): Promise<void> {
  await tx.insert(accounts).values(row);
}

export async function insertGrants(tx: Tx, rows: (typeof roleGrants.$inferInsert)[]): Promise<void> {
  if (rows.length > 0) await tx.insert(roleGrants).values(rows);
}

export async function insertToken(tx: Tx, row: typeof tokens.$inferInsert): Promise<void> {
  await tx.insert(tokens).values(row);
}

export async function listTokens(tx: Tx, after: string, limit: number) {
  return tx
    .select({ token: tokens, account: accounts })
    .from(tokens)
    .innerJoin(accounts, eq(accounts.id, tokens.accountId))
    .where(gt(tokens.id, after as TokenId))
    .orderBy(asc(tokens.id))
    .limit(limit + 1);
}

export async function revokeToken(tx: Tx, tokenId: TokenId, now: Date): Promise<TokenRow | undefined> {
  const [row] = await tx
    .update(tokens)
    .set({ revokedAt: now })
    .where(and(eq(tokens.id, tokenId), isNull(tokens.revokedAt)))
    .returning();
  return row;
}

export async function countAccounts(tx: Tx): Promise<number> {
  return tx.$count(accounts);
}
