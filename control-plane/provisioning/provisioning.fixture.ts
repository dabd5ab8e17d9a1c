import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import type { CloudProvider } from "../../providers/port.ts";
import { openProvider } from "../../providers/registry.ts";
import { startSimulatedClouds } from "../../providers/simulated/server/start.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import type { App, Caller } from "../context.ts";
import { queryRows, type SqlRow, type Tx } from "../db/tx.ts";
import { systemClock } from "../kernel/clock.ts";
import { loadPolicies } from "../policy/load.ts";
import { deriveQuota } from "../quota/derive.ts";
import { acceptRequest } from "../requests/accept.ts";
import { approveRequest } from "../requests/approve.ts";
import { reviewRequest } from "../requests/review.ts";
import { submitRequest } from "../requests/submit.ts";
import type { FullView } from "../requests/view.ts";
import { declarations, declareClouds } from "../runtime/simulator.ts";
import { perform } from "../verb.ts";
import type { Clouds } from "./clouds.ts";
import { reconcileTenancy } from "./reconcile.ts";

const TOKEN = "token-of-the-simulated-clouds";
const INSTANCE = { count: 1, vcpu: 2, memoryGiB: 4, diskGiB: 20, image: "kylin-v10-sp3" };

/** Within the pre-approved size, so that it is provisioned without a person. */
export const SMALL = {
  organizationId: "gd-guangzhou-health",
  system: { name: "门户网站", mlpsLevel: 2, dataClass: "general" },
  environment: "test",
  network: { zones: ["extranet"], internetExposed: false },
  resources: { VCPU: 4, MEMORY_GIB: 8, BLOCK_STORAGE_GIB: 100 },
  instances: [{ name: "app", ...INSTANCE }],
  term: { start: "2026-12-01", end: "2027-06-30" },
};

export const instances = (
  ...groups: { name: string; count?: number; vcpu?: number; memoryGiB?: number; image?: string }[]
) => groups.map((group) => ({ ...INSTANCE, ...group }));

/** One municipal cloud with real machines behind it, its people, and what they do. */
export interface Story extends Omit<TestApp, "close"> {
  readonly member: Caller;
  readonly operator: Caller;
  readonly approver: Caller;
  readonly secondApprover: Caller;
  readonly clouds: Clouds;
  readonly provider: CloudProvider;
  submit(body: Record<string, unknown>): Promise<FullView>;
  /** A request of the small kind that differs from all others; resolves with its tenancy. */
  grant(body?: Record<string, unknown>): Promise<string>;
  /** The same, and carried out. */
  inTrial(body?: Record<string, unknown>): Promise<string>;
  /** Accepts, reviews and approves. */
  decide(request: FullView): Promise<FullView>;
  reconcile(tenancyId: string, app?: App, clouds?: Clouds): Promise<void>;
  /** Submits a change, has it approved where that is needed, and carries it out. */
  change(body: Record<string, unknown> & { tenancyId: string }): Promise<FullView>;
  rows(statement: ReturnType<typeof sql>): Promise<SqlRow[]>;
  one(statement: ReturnType<typeof sql>): Promise<SqlRow>;
  /** Something behind the control plane's back, by the simulated cloud's own administrator. */
  admin(method: string, path: string, body?: unknown): Promise<void>;
  close(): Promise<void>;
}

/** Read once for all stories of a worker. */
const policies = loadPolicies(["policies"]);

export async function openStory(): Promise<Story> {
  const harness = await testApp({ policies: await policies });
  const { app } = harness;
  await app.db.withTx(province);
  const server = await startSimulatedClouds({
    port: 0,
    host: "127.0.0.1",
    token: TOKEN,
    dataDir: null,
    latencyMs: { min: 1, max: 5 },
    clock: systemClock,
  });
  await declareClouds({ url: server.url, token: TOKEN }, await declarations(app.db));
  const provider = await openProvider("simulated", { url: server.url, token: TOKEN, cloud: "guangzhou" });
  const clouds: Clouds = { open: async () => provider };
  const member = await harness.callerWith([
    { role: "department_member", organization: "gd-guangzhou-health" },
  ]);
  const operator = await harness.callerWith([{ role: "provincial_operator" }]);
  const approver = await harness.callerWith([{ role: "approver", cloud: "guangzhou" }]);
  const secondApprover = await harness.callerWith([{ role: "approver" }]);
  let purposes = 0;

  const submit: Story["submit"] = (body) => perform(app, member, submitRequest, { body });
  const rows: Story["rows"] = (statement) => app.db.withTx((tx) => queryRows(tx, statement));
  const decide: Story["decide"] = async ({ id, planHash }) => {
    await perform(app, operator, acceptRequest, { id });
    await perform(app, operator, reviewRequest, { id, opinion: "资源匹配" });
    return perform(app, approver, approveRequest, { id, planHash });
  };
  const reconcile: Story["reconcile"] = (tenancyId, through = app, by = clouds) =>
    // Simulated machines need at most 5 ms, whatever the worker would wait.
    reconcileTenancy(through, tenancyId, { clouds: by, pause: () => sleep(6) });
  const grant: Story["grant"] = async (body = {}) => {
    purposes += 1;
    const { tenancyId, decision } = await submit({ ...SMALL, purpose: `用途 ${purposes}`, ...body });
    if (tenancyId === null) throw new Error(JSON.stringify(decision));
    return tenancyId;
  };
  return {
    ...harness,
    member,
    operator,
    approver,
    secondApprover,
    clouds,
    provider,
    submit,
    decide,
    reconcile,
    rows,
    grant,
    async inTrial(body) {
      const id = await grant(body);
      await reconcile(id);
      return id;
    },
    async change(body) {
      const asked = await submit(body);
      const view = asked.status === "submitted" ? await decide(asked) : asked;
      await reconcile(body.tenancyId);
      return view;
    },
    async one(statement) {
      const [row, ...more] = await rows(statement);
      if (row === undefined || more.length > 0)
        throw new Error(`${more.length + (row ? 1 : 0)} rows instead of one`);
      return row;
    },
    async admin(method, path, body) {
      const answer = await fetch(`${server.url}/admin/clouds/guangzhou${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    },
    async close() {
      await server.close();
      await harness.close();
    },
  };
}

/** The small province with storage, addresses and valid assessments. */
async function province(tx: Tx): Promise<void> {
  await smallProvince(tx);
  await tx.execute(sql`UPDATE clouds SET crypto_assessment_valid_until = '2028-01-31'`);
  await tx.execute(sql`
    INSERT INTO inventories (pool_id, resource_class, cloud_id, total, reserved, min_unit, max_unit, step_size, allocation_ratio_milli)
    SELECT pools.id, class, cloud_id, 1, 0, 1, 1000, 1, 1000
      FROM pools, unnest(ARRAY['VCPU', 'MEMORY_GIB', 'BLOCK_STORAGE_GIB', 'PUBLIC_IPV4']) class
     WHERE cloud_id = 'guangzhou'
    ON CONFLICT DO NOTHING`);
  // Enough for all the stories of one file; what is too little is the ledger's own matter.
  await tx.execute(sql`UPDATE inventories SET total = 100000, reserved = 20000 WHERE cloud_id = 'guangzhou'`);
  await tx.execute(sql`UPDATE quota_limits SET nominal = 50000`);
  await tx.execute(sql`
    INSERT INTO quota_limits (node_id, resource_class, nominal)
    SELECT id, class, 50000 FROM quota_nodes, unnest(ARRAY['BLOCK_STORAGE_GIB', 'PUBLIC_IPV4']) class`);
  await deriveQuota(tx);
}

/** What a killed process throws at every step that it would still have taken. */
export class Killed extends Error {}

/**
 * An app and clouds that die before their n-th step: a transaction or a call of a cloud. A step that was
 * begun is finished, so dying before the next one is dying after it, with its reply lost or not.
 */
export function dyingBefore(story: Story, step: number): { app: App; clouds: Clouds } {
  let steps = 0;
  const alive = () => {
    steps += 1;
    if (steps >= step) throw new Killed();
  };
  const provider = new Proxy(story.provider, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function") return member;
      return async (...given: unknown[]) => {
        alive();
        return member.apply(target, given);
      };
    },
  });
  const { db } = story.app;
  const dying: App["db"] = {
    ...db,
    withTx: async (run) => {
      alive();
      return db.withTx(run);
    },
  };
  return { app: { ...story.app, db: dying }, clouds: { open: async () => provider } };
}
