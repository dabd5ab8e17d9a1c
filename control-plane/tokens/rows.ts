import { and, asc, eq, gt, inArray, isNull } from "drizzle-orm";
import type { ScopeKind } from "../authz/roles.ts";
import type { Grant } from "../authz/scope.ts";
import { accounts, roleGrants, tokens } from "../db/schema/accounts.ts";
import { organizations } from "../db/schema/organizations.ts";
import { clouds } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import { type AccountId, type CloudId, knownId, type OrganizationId, type TokenId } from "../kernel/ids.ts";

export type AccountRow = typeof accounts.$inferSelect;
export type TokenRow = typeof tokens.$inferSelect;
export type GrantRow = Omit<typeof roleGrants.$inferSelect, "accountId">;

export function findTokens(tx: Tx, secretHashes: readonly string[]) {
  return tx
    .select({ token: tokens, account: accounts })
    .from(tokens)
    .innerJoin(accounts, eq(accounts.id, tokens.accountId))
    .where(inArray(tokens.secretHash, [...secretHashes]));
}

/** With the paths of the organizations that they name. */
export async function grantsOf(tx: Tx, accountIds: readonly AccountId[]): Promise<Map<AccountId, Grant[]>> {
  const rows = await tx
    .select({ grant: roleGrants, path: organizations.path })
    .from(roleGrants)
    .leftJoin(
      organizations,
      and(eq(roleGrants.scopeKind, "organization"), eq(organizations.id, roleGrants.scopeId as never)),
    )
    .where(inArray(roleGrants.accountId, [...accountIds]));
  const grants = new Map<AccountId, Grant[]>();
  for (const { grant, path } of rows) {
    const { accountId, role, scopeKind, scopeId } = grant;
    const held = { role, scopeKind, scopeId, organizationPath: path ?? "" };
    grants.set(accountId, [...(grants.get(accountId) ?? []), held]);
  }
  return grants;
}

/** Last use is kept to the minute, so that reading does not write on every request. */
export function isUseStale({ lastUsedAt }: TokenRow, now: Date): boolean {
  return lastUsedAt === null || lastUsedAt.getTime() < now.getTime() - 60_000;
}

export async function touchTokens(tx: Tx, ids: readonly TokenId[], now: Date): Promise<void> {
  await tx
    .update(tokens)
    .set({ lastUsedAt: now })
    .where(inArray(tokens.id, [...ids]));
}

export async function findAccountByName(tx: Tx, name: string): Promise<AccountRow | undefined> {
  const [row] = await tx.select().from(accounts).where(eq(accounts.name, name));
  return row;
}

/** False where somebody else has just made an account of that name. */
export async function insertAccount(tx: Tx, row: typeof accounts.$inferInsert): Promise<boolean> {
  const inserted = await tx
    .insert(accounts)
    .values(row)
    .onConflictDoNothing({ target: accounts.name })
    .returning({ id: accounts.id });
  return inserted.length > 0;
}

export async function insertGrants(tx: Tx, rows: (typeof roleGrants.$inferInsert)[]): Promise<void> {
  if (rows.length > 0) await tx.insert(roleGrants).values(rows);
}

export async function insertToken(tx: Tx, row: typeof tokens.$inferInsert): Promise<void> {
  await tx.insert(tokens).values(row);
}

export interface TokenWithAccount {
  readonly token: TokenRow;
  readonly account: AccountRow;
}

export async function listTokens(
  tx: Tx,
  accountId: AccountId | null,
  after: string,
  limit: number,
): Promise<TokenWithAccount[]> {
  const later = gt(tokens.id, knownId<TokenId>(after));
  return tx
    .select({ token: tokens, account: accounts })
    .from(tokens)
    .innerJoin(accounts, eq(accounts.id, tokens.accountId))
    .where(accountId === null ? later : and(later, eq(tokens.accountId, accountId)))
    .orderBy(asc(tokens.id))
    .limit(limit + 1);
}

export async function lockToken(tx: Tx, tokenId: string): Promise<TokenWithAccount | undefined> {
  const [row] = await tx
    .select({ token: tokens, account: accounts })
    .from(tokens)
    .innerJoin(accounts, eq(accounts.id, tokens.accountId))
    .where(eq(tokens.id, knownId<TokenId>(tokenId)))
    .for("update", { of: tokens });
  return row;
}

/** Grants as they are kept, by account, in one order. */
export async function grantRowsOf(
  tx: Tx,
  accountIds: readonly AccountId[],
): Promise<Map<AccountId, GrantRow[]>> {
  const rows = await tx
    .select()
    .from(roleGrants)
    .where(inArray(roleGrants.accountId, [...accountIds]))
    .orderBy(asc(roleGrants.role), asc(roleGrants.scopeKind), asc(roleGrants.scopeId));
  const grants = new Map<AccountId, GrantRow[]>();
  for (const { accountId, ...grant } of rows)
    grants.set(accountId, [...(grants.get(accountId) ?? []), grant]);
  return grants;
}

/** What grants name and what is not there. */
export async function unknownScopes(tx: Tx, grants: readonly GrantRow[]): Promise<GrantRow[]> {
  const named = (kind: ScopeKind) => grants.filter((grant) => grant.scopeKind === kind);
  const ids = (kind: ScopeKind) => named(kind).map(({ scopeId }) => scopeId);
  const knownClouds = await tx
    .select({ id: clouds.id })
    .from(clouds)
    .where(inArray(clouds.id, ids("cloud").map(knownId<CloudId>)));
  const knownOrganizations = await organizationsNamed(tx, ids("organization"));
  const known = new Set<string>(knownClouds.map(({ id }) => id));
  return [
    ...named("cloud").filter(({ scopeId }) => !known.has(scopeId)),
    ...named("organization").filter(({ scopeId }) => !knownOrganizations.has(scopeId)),
  ];
}

export async function organizationsNamed(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx
    .select({ id: organizations.id })
    .from(organizations)
    .where(inArray(organizations.id, ids.map(knownId<OrganizationId>)));
  return new Set(rows.map(({ id }) => id));
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
