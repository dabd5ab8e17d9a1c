import { type AuditEvent, record } from "../audit/record.ts";
import { ADMINISTRATOR_ROLES } from "../authz/roles.ts";
import type { Caller } from "../context.ts";
import { violatedConstraint } from "../db/errors.ts";
import type { Tx } from "../db/tx.ts";
import { type Clock, DAY_MS, plus } from "../kernel/clock.ts";
import { fault } from "../kernel/fault.ts";
import { type Ids, knownId, type OrganizationId } from "../kernel/ids.ts";
import { defineVerb } from "../verb.ts";
import {
  type AccountRow,
  countAccounts,
  findAccountByName,
  type GrantRow,
  grantRowsOf,
  insertAccount,
  insertGrants,
  insertToken,
  organizationsNamed,
  unknownScopes,
} from "./rows.ts";
import { newSecret, secretHash } from "./secret.ts";
import { grantKey, type IssuedToken, IssueToken, type Token, tokenOf } from "./wire.ts";

export interface TokenOrder {
  /** Stored as a hash only, and left out of the audit log. */
  readonly secret: string;
  readonly name: string;
  readonly account: {
    readonly name: string;
    readonly displayName?: string | undefined;
    /** Absent or null: none for a new account, whichever it has for an existing one. */
    readonly organizationId?: string | null | undefined;
  };
  /** Needed for a new account; for an existing one absent, or equal to what it has. */
  readonly grants?: readonly GrantRow[] | undefined;
  readonly expiresAt: Date;
}

interface Issuing {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Issues a token over the API: for a new account, or another one for an account that exists. */
export const postToken = defineVerb({
  name: "token.issue",
  permission: "token.manage",
  input: IssueToken,
  async run(tx, ctx, { name, account, grants, expiresInDays }) {
    if (!ctx.scope.everywhere) throw fault("auth.forbidden", { permission: "token.manage" });
    const secret = newSecret();
    const expiresAt = plus(ctx.clock.now(), expiresInDays * DAY_MS);
    const { token, audit } = await create(tx, ctx, { secret, name, account, grants, expiresAt });
    const result: IssuedToken = { ...token, secret };
    return { result, audit };
  },
  withoutSecrets: (result) => ({ ...result, secret: null }),
});

/** False only before the first start has made the administrator. */
export async function hasAccounts(tx: Tx): Promise<boolean> {
  return (await countAccounts(tx)) > 0;
}

/** For the first start and the command line, inside their own transaction; leaves its audit row. */
export async function issueToken(tx: Tx, ctx: Caller & Issuing, order: TokenOrder): Promise<Token> {
  const { token, audit } = await create(tx, ctx, order);
  await record(tx, ctx, [audit]);
  return token;
}

async function create(tx: Tx, ctx: Issuing, order: TokenOrder): Promise<{ token: Token; audit: AuditEvent }> {
  const { account, grants } = await accountFor(tx, ctx, order);
  const row = {
    id: ctx.ids.next("tok"),
    accountId: account.id,
    name: order.name,
    secretHash: secretHash(order.secret),
    createdAt: ctx.clock.now(),
    expiresAt: order.expiresAt,
    lastUsedAt: null,
    revokedAt: null,
  };
  await insertToken(tx, row);
  const token = tokenOf({ token: row, account }, grants);
  const { id, name, expiresAt } = token;
  const audit: AuditEvent = {
    action: "token.issue",
    targetType: "token",
    targetId: id,
    organizationId: account.organizationId,
    after: { name, account: token.account, grants: token.grants, expiresAt },
  };
  return { token, audit };
}

interface Holder {
  readonly account: AccountRow;
  readonly grants: readonly GrantRow[];
}

async function accountFor(tx: Tx, ctx: Issuing, order: TokenOrder): Promise<Holder> {
  const known = await findAccountByName(tx, order.account.name);
  if (known !== undefined) return existing(tx, known, order);
  const { grants } = order;
  if (grants === undefined || grants.length === 0) {
    throw fault("http.invalid_input", {
      issues: [{ path: "grants", message: "a new account needs at least one grant" }],
    });
  }
  await checkGrants(tx, grants);
  const organizationId = await organizationOf(tx, order);
  const row = {
    id: ctx.ids.next("acc"),
    name: order.account.name,
    displayName: order.account.displayName ?? order.account.name,
    organizationId,
    disabled: false,
    createdAt: ctx.clock.now(),
    generation: 1,
  };
  // Two calls may make the same account at the same moment; the second one finds the first one's.
  if (!(await insertAccount(tx, row))) return accountFor(tx, ctx, order);
  try {
    await insertGrants(
      tx,
      grants.map((grant) => ({ ...grant, accountId: row.id })),
    );
  } catch (error) {
    if (violatedConstraint(error) !== "role_grants_one_administrator") throw error;
    throw fault("auth.duties_conflict", {}, { cause: error });
  }
  return { account: row, grants };
}

/** An account's grants are never widened by the way of issuing a token. */
async function existing(tx: Tx, account: AccountRow, order: TokenOrder): Promise<Holder> {
  const grants = (await grantRowsOf(tx, [account.id])).get(account.id) ?? [];
  const { organizationId } = order.account;
  const sameGrants = order.grants === undefined || keysOf(order.grants) === keysOf(grants);
  if (!sameGrants || (organizationId != null && organizationId !== account.organizationId)) {
    throw fault("token.account_exists", { account: account.name });
  }
  return { account, grants };
}

async function checkGrants(tx: Tx, grants: readonly GrantRow[]): Promise<void> {
  const administrators = grants.filter(({ role }) => ADMINISTRATOR_ROLES.includes(role));
  if (administrators.length > 1) {
    throw fault("auth.duties_conflict", { roles: administrators.map(({ role }) => role) });
  }
  const [unknown] = await unknownScopes(tx, grants);
  if (unknown !== undefined) {
    throw fault("token.unknown_scope", { scopeKind: unknown.scopeKind, scopeId: unknown.scopeId });
  }
}

async function organizationOf(tx: Tx, { account }: TokenOrder): Promise<OrganizationId | null> {
  const id = account.organizationId;
  if (id == null) return null;
  if (!(await organizationsNamed(tx, [id])).has(id))
    throw fault("organization.unknown", { organizationId: id });
  return knownId<OrganizationId>(id);
}

function keysOf(grants: readonly GrantRow[]): string {
  return grants.map(grantKey).toSorted().join("\n");
}
