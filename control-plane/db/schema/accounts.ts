import { sql } from "drizzle-orm";
import { boolean, index, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { RoleName, ScopeKind } from "../../authz/roles.ts";
import type { AccountId, OrganizationId, TokenId } from "../../kernel/ids.ts";
import { generation, instant } from "./columns.ts";
import { organizations } from "./organizations.ts";

export const accounts = pgTable("accounts", {
  id: text("id").$type<AccountId>().primaryKey(),
  name: text("name").notNull().unique(),
  displayName: text("display_name").notNull(),
  organizationId: text("organization_id")
    .$type<OrganizationId>()
    .references(() => organizations.id),
  disabled: boolean("disabled").notNull().default(false),
  createdAt: instant("created_at").notNull(),
  generation: generation(),
});

export const roleGrants = pgTable(
  "role_grants",
  {
    accountId: text("account_id")
      .$type<AccountId>()
      .notNull()
      .references(() => accounts.id),
    role: text("role").$type<RoleName>().notNull(),
    scopeKind: text("scope_kind").$type<ScopeKind>().notNull(),
    /** "" for the whole province. */
    scopeId: text("scope_id").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.role, table.scopeKind, table.scopeId] }),
    // 三员分立: one account never holds two of the three administrator roles (GB/T 22239-2019 8.1.5.1-3).
    uniqueIndex("role_grants_one_administrator")
      .on(table.accountId)
      .where(sql`role IN ('system_administrator', 'security_administrator', 'auditor')`),
  ],
);

export const tokens = pgTable(
  "tokens",
  {
    id: text("id").$type<TokenId>().primaryKey(),
    accountId: text("account_id")
      .$type<AccountId>()
      .notNull()
      .references(() => accounts.id),
    name: text("name").notNull(),
    /** SHA-256 of the secret; the secret itself is shown once and never stored. */
    secretHash: text("secret_hash").notNull().unique(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    lastUsedAt: instant("last_used_at"),
    revokedAt: instant("revoked_at"),
  },
  (table) => [index("tokens_account").on(table.accountId)],
);
