import pino from "pino";
import { readConfig } from "../config.ts";
import type { App, Caller } from "../context.ts";
import { openEmbedded } from "../db/open.ts";
import { ManualClock } from "../kernel/clock.ts";
import { systemIds } from "../kernel/ids.ts";
import { policySetOf } from "../policy/policy-set.ts";
import { perform } from "../verb.ts";
import { applyProvince } from "./apply.ts";
import { canonicalNode } from "./document-rows.ts";
import type { ProvinceDocument } from "./documents.ts";
import { parseProvince } from "./parse.ts";
import { smallProvince } from "./province.fixture.ts";
import { documentsOf, keyOf, type Province } from "./province.ts";

/** An application on an empty embedded database, with a queue that takes nothing. */
export async function appOn(image: Blob): Promise<App> {
  return {
    config: readConfig({}),
    db: await openEmbedded("memory", image),
    clock: new ManualClock("2026-11-21T09:00:00+08:00"),
    ids: systemIds,
    log: pino({ level: "silent" }),
    queue: {
      enqueue: async (_tx, kind, key) => {
        throw new Error(`applying a province enqueues no job, but did: ${kind} ${key}`);
      },
    },
    policies: policySetOf([]),
  };
}

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
  options: { readonly prune?: boolean; readonly dryRun?: boolean } = {},
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
