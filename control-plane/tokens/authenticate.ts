import type { Actor } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import type { TokenId } from "../kernel/ids.ts";
import { findTokenBySecretHash, grantsOf, touchToken } from "./rows.ts";
import { secretHash } from "./secret.ts";

export interface Authenticated {
  readonly actor: Actor;
  readonly tokenId: TokenId;
}

/** Finds the account behind a bearer token; every reason to refuse has its own code. */
export async function authenticate(tx: Tx, secret: string, now: Date): Promise<Authenticated> {
  const found = await findTokenBySecretHash(tx, secretHash(secret));
  if (found === undefined || found.token.revokedAt !== null || found.account.disabled) {
    throw fault("auth.token_invalid");
  }
  if (found.token.expiresAt <= now) throw fault("auth.token_expired");
  await touchToken(tx, found.token.id, now);
  const { account } = found;
  return {
    tokenId: found.token.id,
    actor: {
      accountId: account.id,
      name: account.name,
      organizationId: account.organizationId,
      grants: await grantsOf(tx, account.id),
    },
  };
}
