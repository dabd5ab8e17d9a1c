import type { Actor } from "../context.ts";
import type { Database, Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { gathered } from "../kernel/gather.ts";
import type { TokenId } from "../kernel/ids.ts";
import { findTokens, grantsOf, isUseStale, touchTokens } from "./rows.ts";
import { secretHash } from "./secret.ts";

export interface Authenticated {
  readonly actor: Actor;
  readonly tokenId: TokenId;
}

interface Found extends Authenticated {
  readonly token: Awaited<ReturnType<typeof findTokens>>[number]["token"];
  readonly disabled: boolean;
}

type Find = (hash: string) => Promise<Found | null>;

const TOKENS_MAX = 64;
const FINDERS = new WeakMap<Database, Find>();

/**
 * Finds the account behind a bearer token; every reason to refuse has its own code. Tokens that are shown at the
 * same moment are looked up together and none is kept, so that a revoked one opens nothing from then on.
 */
export async function authenticate(db: Database, secret: string, now: Date): Promise<Authenticated> {
  const found = await finderOf(db)(secretHash(secret));
  if (found === null || found.token.revokedAt !== null || found.disabled) throw fault("auth.token_invalid");
  const { token, actor, tokenId } = found;
  if (token.expiresAt <= now) throw fault("auth.token_expired");
  if (isUseStale(token, now)) await db.withTx((tx) => touchTokens(tx, [tokenId], now));
  return { actor, tokenId };
}

/** Whose a refused token is or was; null where nobody ever had it. Says nothing about what it opens. */
export async function ownerOf(db: Database, secret: string): Promise<Authenticated | null> {
  return finderOf(db)(secretHash(secret));
}

function finderOf(db: Database): Find {
  const find: Find =
    FINDERS.get(db) ??
    gathered((hashes: readonly string[]) => db.read((tx) => findAll(tx, hashes)), {
      questionsMax: TOKENS_MAX,
      abreast: 2,
    });
  FINDERS.set(db, find);
  return find;
}

async function findAll(tx: Tx, hashes: readonly string[]): Promise<PromiseSettledResult<Found | null>[]> {
  const rows = await findTokens(tx, [...new Set(hashes)]);
  const grants = await grantsOf(tx, [...new Set(rows.map(({ account }) => account.id))]);
  const byHash = new Map(
    rows.map(({ token, account }): [string, Found] => {
      const { id: accountId, name, organizationId, disabled } = account;
      const actor = { accountId, name, organizationId, grants: grants.get(accountId) ?? [] };
      return [token.secretHash, { tokenId: token.id, actor, token, disabled }];
    }),
  );
  return hashes.map((hash) => ({ status: "fulfilled", value: byHash.get(hash) ?? null }));
}
