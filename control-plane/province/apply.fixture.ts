import type { App, Caller } from "../context.ts";
import { DAY_MS, plus } from "../kernel/clock.ts";
import { type CloudId, knownId, type PoolId, type QuotaNodeId, type RequestId } from "../kernel/ids.ts";
import type { ResourceVector } from "../kernel/quantity.ts";
import { hold } from "../quota/ledger.ts";
import { perform } from "../verb.ts";
import { applyProvince } from "./apply.ts";
import { canonicalNode } from "./document-rows.ts";
import type { ProvinceDocument } from "./documents.ts";
import { parseProvince } from "./parse.ts";
import { smallProvince } from "./province.fixture.ts";
import { documentsOf, keyOf, type Province } from "./province.ts";

/** Empties every table; a new database for each test would take ten times as long. */
export async function emptied(app: App): Promise<void> {
  const { rows } = await app.db.executeSql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", []);
  const tables = rows.map((row) => `"${row.tablename}"`).join(", ");
  // The guards of the append-only tables are triggers, which a replica does not run.
  await app.db.executeSql(
    `SET session_replication_role = replica; TRUNCATE ${tables}; SET session_replication_role = DEFAULT`,
    [],
  );
}

const caller: Caller = {
  actor: {
    accountId: null,
    name: "system",
    organizationId: null,
    grants: [{ role: "system_administrator", scopeKind: "province", scopeId: "", organizationPath: "" }],
  },
  requestId: "test",
  sourceAddress: null,
};

export async function apply(
  app: App,
  province: Province,
  options: {
    readonly prune?: boolean;
    readonly dryRun?: boolean;
    readonly overLimit?: { readonly choice: "freeze" };
  } = {},
) {
  const { changes } = await perform(app, caller, applyProvince, {
    province,
    prune: false,
    dryRun: false,
    ...options,
  });
  return changes;
}

/** The small province with some texts replaced. */
export function small(...replacements: readonly (readonly [from: string, to: string])[]): Province {
  const files = replacements.reduce(
    ([first], [from, to]) => {
      if (first === undefined || !first.text.includes(from)) throw new Error(`not in the fixture: ${from}`);
      return [{ ...first, text: first.text.replace(from, () => to) }];
    },
    [...smallProvince()],
  );
  return parseProvince(files);
}

/** A province in one fixed order, so that two that say the same are equal. */
export function comparable(province: Province): ProvinceDocument[] {
  return documentsOf(province)
    .map((document) => {
      if (document.kind === "QuotaNode") return canonicalNode(document);
      if (document.kind !== "Cloud") return document;
      const zones = document.spec.zones.toSorted((a, b) => (a.id < b.id ? -1 : 1));
      return { ...document, spec: { ...document.spec, zones } };
    })
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Holds in the small province's pool and quota node, through the ledger. */
export async function holdSome(app: App, amounts: ResourceVector): Promise<void> {
  const outcome = await app.db.withTx((tx) =>
    hold(
      tx,
      app,
      knownId<RequestId>("req_1"),
      [
        {
          role: "primary",
          cloudId: knownId<CloudId>("main"),
          poolId: knownId<PoolId>("main-kunpeng"),
          quotaNodeId: knownId<QuotaNodeId>("gd.main.gd-hrss"),
          amounts,
        },
      ],
      plus(app.clock.now(), DAY_MS),
    ),
  );
  if (!outcome.held) throw new Error(`does not fit: ${JSON.stringify(outcome.refusal)}`);
}

export const withoutDepartment = (province: Province): Province => ({
  ...province,
  systems: [],
  organizations: province.organizations.filter(({ metadata }) => metadata.id !== "gd-hrss"),
  quotaNodes: province.quotaNodes.filter(({ spec }) => spec.kind !== "department"),
});

export const withoutPools = (province: Province): Province => ({
  ...province,
  pools: [],
  quotaNodes: province.quotaNodes.map((node) => ({ ...node, spec: { ...node.spec, limits: {} } })),
});
