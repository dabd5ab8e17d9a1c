import { roleGrants, tokens } from "../../control-plane/db/schema/accounts.ts";
import { DAY_MS, plus } from "../../control-plane/kernel/clock.ts";
import { newSecret, secretHash } from "../../control-plane/tokens/secret.ts";
import type { TestApp, TestGrant } from "./app.ts";

interface TokenOptions {
  readonly expiresAt?: Date;
}

/** A bearer token of a new account with these grants, as the database keeps it. */
export async function tokenFor(
  house: TestApp,
  grants: readonly TestGrant[],
  options: TokenOptions = {},
): Promise<string> {
  const { actor } = await house.callerWith(grants);
  const { accountId } = actor;
  if (accountId === null) throw new Error("a caller has an account");
  const secret = newSecret();
  const now = house.clock.now();
  await house.app.db.withTx(async (tx) => {
    await tx
      .insert(roleGrants)
      .values(actor.grants.map(({ role, scopeKind, scopeId }) => ({ accountId, role, scopeKind, scopeId })));
    await tx.insert(tokens).values({
      id: house.app.ids.next("tok"),
      accountId,
      name: "test",
      secretHash: secretHash(secret),
      createdAt: now,
      expiresAt: options.expiresAt ?? plus(now, DAY_MS),
    });
  });
  return secret;
}
