import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { pino } from "pino";
import type { RoleName } from "../../control-plane/authz/roles.ts";
import type { Grant } from "../../control-plane/authz/scope.ts";
import { readConfig } from "../../control-plane/config.ts";
import type { Actor, App, Caller } from "../../control-plane/context.ts";
import { accounts } from "../../control-plane/db/schema/accounts.ts";
import { organizations } from "../../control-plane/db/schema/organizations.ts";
import type { Tx } from "../../control-plane/db/tx.ts";
import type { JobKind } from "../../control-plane/jobs/queue.ts";
import { ManualClock } from "../../control-plane/kernel/clock.ts";
import { knownId, type OrganizationId, systemIds } from "../../control-plane/kernel/ids.ts";
import { type PolicySet, policySetOf } from "../../control-plane/policy/policy-set.ts";
import { openTestDatabase } from "./database.ts";

/** The whole province, unless one cloud or one organization subtree is named. */
export interface TestGrant {
  readonly role: RoleName;
  readonly cloud?: string;
  readonly organization?: string;
}

export interface TestApp {
  readonly app: App;
  readonly clock: ManualClock;
  /** Null on the embedded database. */
  readonly databaseUrl: string | null;
  /** What was enqueued, in order; nothing runs by itself. */
  readonly jobs: { kind: JobKind; key: string }[];
  /** A caller with an account of its own; organizations must be in the database already. */
  callerWith(grants: readonly TestGrant[]): Promise<Caller>;
  close(): Promise<void>;
}

interface TestAppOptions {
  readonly clock?: ManualClock;
  readonly policies?: PolicySet;
  readonly environment?: Record<string, string>;
}

/** The process's parts on a database in memory, with a clock that stands still. */
export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const database = await openTestDatabase();
  const { db } = database;
  const folder = mkdtempSync(join(tmpdir(), "yunheng-test-"));
  const clock = options.clock ?? new ManualClock("2026-11-20T02:00:00.000Z");
  const jobs: TestApp["jobs"] = [];
  const app: App = {
    config: readConfig({ LOG_LEVEL: "silent", DATA_DIR: folder, ...options.environment }, {}),
    db,
    clock,
    ids: systemIds,
    log: pino({ level: "silent" }),
    queue: {
      enqueue: async (_tx, kind, ...keys) => {
        jobs.push(...keys.map((key) => ({ kind, key })));
      },
      wake: async (_tx, kind, key) => {
        jobs.push({ kind, key });
      },
      forget: async () => undefined,
    },
    policies: options.policies ?? policySetOf([]),
  };
  let callers = 0;
  return {
    app,
    clock,
    databaseUrl: database.url,
    jobs,
    async callerWith(grants) {
      callers += 1;
      const name = `caller-${callers}`;
      const actor = await app.db.withTx((tx) => insertActor(tx, name, grants, clock.now()));
      return { actor, requestId: `test-${callers}`, sourceAddress: "10.0.0.8" };
    },
    async close() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function insertActor(tx: Tx, name: string, grants: readonly TestGrant[], now: Date): Promise<Actor> {
  const accountId = systemIds.next("acc");
  const named = grants.find((grant) => grant.organization !== undefined)?.organization;
  const organizationId = named === undefined ? null : knownId<OrganizationId>(named);
  await tx
    .insert(accounts)
    .values({ id: accountId, name, displayName: name, organizationId, createdAt: now });
  const held: Grant[] = [];
  for (const grant of grants) held.push(await grantFor(tx, grant));
  return { accountId, name, organizationId, grants: held };
}

async function grantFor(tx: Tx, { role, cloud, organization }: TestGrant): Promise<Grant> {
  if (cloud !== undefined) return { role, scopeKind: "cloud", scopeId: cloud, organizationPath: "" };
  if (organization === undefined) return { role, scopeKind: "province", scopeId: "", organizationPath: "" };
  const [row] = await tx
    .select({ path: organizations.path })
    .from(organizations)
    .where(eq(organizations.id, knownId<OrganizationId>(organization)));
  if (row === undefined) throw new Error(`no organization ${organization}`);
  return { role, scopeKind: "organization", scopeId: organization, organizationPath: row.path };
}
