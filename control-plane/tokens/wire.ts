import { z } from "@hono/zod-openapi";
import { ROLE_NAMES, SCOPE_KINDS } from "../authz/roles.ts";
import { pageQuery } from "../http/page.ts";
import { line, madeId, slug } from "../kernel/input.ts";
import type { GrantRow, TokenWithAccount } from "./rows.ts";

const TOKEN_DAYS_MAX = 365;
const GRANTS_MAX = 50;

const grant = z
  .strictObject({
    role: z.enum(ROLE_NAMES),
    scopeKind: z.enum(SCOPE_KINDS),
    scopeId: z
      .union([slug, z.literal("")])
      .default("")
      .describe("Empty for the whole province"),
  })
  .refine(({ scopeKind, scopeId }) => (scopeKind === "province") === (scopeId === ""), {
    path: ["scopeId"],
    message: "names a cloud or an organization, and is empty for the province",
  });

export const ListTokens = z.strictObject({ ...pageQuery, accountId: madeId.optional() });

export const IssueToken = z.strictObject({
  name: line(100).describe("What the token is for"),
  account: z.strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, "must be lower-case letters, digits, dots and dashes"),
    displayName: line(100).optional(),
    organizationId: slug.optional(),
  }),
  grants: z
    .array(grant)
    .min(1)
    .max(GRANTS_MAX)
    .refine((grants) => new Set(grants.map(grantKey)).size === grants.length, "names a grant twice")
    .optional()
    .describe("For a new account; with an existing one absent or equal to what it has"),
  expiresInDays: z.int().min(1).max(TOKEN_DAYS_MAX).default(90),
});

export const RevokeTokenBody = z.strictObject({ reason: line(500).optional() });
export const RevokeToken = z.strictObject({ ...RevokeTokenBody.shape, id: madeId });

const tokenFields = {
  id: z.string(),
  name: z.string(),
  account: z.object({
    id: z.string(),
    name: z.string(),
    displayName: z.string(),
    organizationId: z.string().nullable(),
  }),
  grants: z.array(
    z.object({ role: z.enum(ROLE_NAMES), scopeKind: z.enum(SCOPE_KINDS), scopeId: z.string() }),
  ),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable().describe("Kept to the minute"),
  revokedAt: z.iso.datetime().nullable(),
};

export const Token = z.object(tokenFields).openapi("Token");
export type Token = z.infer<typeof Token>;

export const IssuedToken = z
  .object({
    ...tokenFields,
    secret: z.string().nullable().describe("Shown once; null when the answer is repeated"),
  })
  .openapi("IssuedToken");
export type IssuedToken = z.infer<typeof IssuedToken>;

export function tokenOf({ token, account }: TokenWithAccount, grants: readonly GrantRow[]): Token {
  const { id, name, displayName, organizationId } = account;
  return {
    id: token.id,
    name: token.name,
    account: { id, name, displayName, organizationId },
    grants: [...grants],
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt.toISOString(),
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    revokedAt: token.revokedAt?.toISOString() ?? null,
  };
}

export function grantKey({ role, scopeKind, scopeId }: GrantRow): string {
  return `${role} ${scopeKind} ${scopeId}`;
}
