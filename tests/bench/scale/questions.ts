import { listEntries } from "../../../control-plane/audit/rows.ts";
import { EVERYWHERE, type Scope } from "../../../control-plane/authz/scope.ts";
import { readConfig } from "../../../control-plane/config.ts";
import type { Database, Tx } from "../../../control-plane/db/tx.ts";
import { DAY_MS, plus, systemClock } from "../../../control-plane/kernel/clock.ts";
import {
  type CloudId,
  knownId,
  type OrganizationId,
  type PoolId,
  type QuotaNodeId,
  systemIds,
} from "../../../control-plane/kernel/ids.ts";
import { fixedPolicies } from "../../../control-plane/policy/policies.ts";
import type { PolicySet } from "../../../control-plane/policy/policy-set.ts";
import { commitHold, hold } from "../../../control-plane/quota/ledger.ts";
import { decide } from "../../../control-plane/requests/decide.ts";
import { factsOfCreate } from "../../../control-plane/requests/facts.ts";
import { listInScope as listRequests } from "../../../control-plane/requests/store.ts";
import { CreateBody } from "../../../control-plane/requests/wire-body.ts";
import { listInScope as listTenancies } from "../../../control-plane/tenancies/store.ts";

const PAGE = 50;
const DEPARTMENT: Scope = { everywhere: false, cloudIds: [], organizationPaths: ["/gd/dept-7/"] };

/** Everything of which the time is measured, by what it is called in the output. */
export function questionsTo(
  db: Database,
  set: PolicySet,
  tenancies: number,
): Record<string, () => Promise<unknown>> {
  const middle = String(Math.floor(tenancies / 2)).padStart(10, "0");
  const now = systemClock.now();
  const reading = (run: (tx: Tx) => Promise<unknown>) => () => db.read(run);
  const tenanciesBy = (filters: Parameters<typeof listTenancies>[2], before = "", scope = EVERYWHERE) =>
    reading((tx) => listTenancies(tx, scope, filters, before, PAGE));
  const requestsBy = (filters: Parameters<typeof listRequests>[2], before = "", scope = EVERYWHERE) =>
    reading((tx) => listRequests(tx, scope, filters, before, PAGE, now));
  const entriesBy = (filters: Parameters<typeof listEntries>[2], before = "", scope = EVERYWHERE) =>
    reading((tx) => listEntries(tx, scope, filters, before, PAGE));
  return {
    claim: () => claim(db),
    decision: () => decision(db, set),
    "tenancies, first page": tenanciesBy({}),
    "tenancies, deep page": tenanciesBy({}, `ten_${middle}`),
    "tenancies of a department": tenanciesBy({ organizationId: "dept-7" }),
    "tenancies of a cloud in a rare status": tenanciesBy({ cloudId: "cloud-1", status: "suspended" }),
    "tenancies in a status that none has": tenanciesBy({ status: "exported" }),
    "tenancies, as a department sees them": tenanciesBy({}, "", DEPARTMENT),
    "requests, first page": requestsBy({}),
    "requests, deep page": requestsBy({}, `req_${middle}`),
    "requests of a department": requestsBy({ organizationId: "dept-7" }),
    "requests in a status that none has": requestsBy({ status: "submitted" }),
    "requests of a kind that is rare": requestsBy({ kind: "release" }),
    "requests, as a department sees them": requestsBy({}, "", DEPARTMENT),
    "audit entries, first page": entriesBy({}),
    "audit entries, deep page": entriesBy({}, `aud_${middle}`),
    "audit entries of a department": entriesBy({ organizationId: "dept-7" }),
    "audit entries of a cloud": entriesBy({ cloudId: "cloud-1" }),
    "audit entries of a rare action": entriesBy({ action: "quota.update" }),
    "audit entries that were refused": entriesBy({ outcome: "refused" }),
    "audit entries of an account without any": entriesBy({ accountId: "acc_nobody" }),
    "audit entries of a request": entriesBy({ requestId: `http-${middle}` }),
  };
}

async function claim(db: Database): Promise<void> {
  const ledger = { clock: systemClock, ids: systemIds, config: readConfig({}, {}) };
  await db.withTx(async (tx) => {
    const place = { cloudId: knownId<CloudId>("cloud-1"), poolId: knownId<PoolId>("cloud-1-p1") };
    const part = {
      role: "primary" as const,
      ...place,
      quotaNodeId: knownId<QuotaNodeId>("q.cloud-1.dept-1"),
      amounts: { VCPU: 1, MEMORY_GIB: 4 },
    };
    const outcome = await hold(tx, ledger, systemIds.next("req"), [part], plus(systemClock.now(), DAY_MS));
    if (!outcome.held) throw new Error(JSON.stringify(outcome.refusal));
    const placements = new Map([["primary" as const, systemIds.next("plc")]]);
    await commitHold(tx, ledger, outcome.holdId, systemIds.next("ten"), placements);
  });
}

async function decision(db: Database, policies: PolicySet): Promise<void> {
  const body = CreateBody.parse({
    organizationId: "dept-7",
    system: { name: "新系统", mlpsLevel: 2, dataClass: "general" },
    environment: "test",
    network: { zones: ["extranet"], internetExposed: false },
    resources: { VCPU: 4, MEMORY_GIB: 16 },
    term: { start: "2098-01-01", end: "2098-06-30" },
  });
  const question = {
    organizationId: knownId<OrganizationId>("dept-7"),
    facts: factsOfCreate(body, "sys_new"),
    tenancyId: null,
    existing: null,
    ownHold: [],
    dataExport: null,
  };
  const ctx = { clock: systemClock, config: readConfig({ DECISION_TIMEOUT_MS: "60000" }, {}) };
  const { proposals } = await db.read((tx) =>
    decide(tx, { ...ctx, policies: fixedPolicies(policies) }, question),
  );
  if (proposals.length === 0) throw new Error("nothing fits");
}
