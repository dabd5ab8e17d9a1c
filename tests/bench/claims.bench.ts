import { readFileSync } from "node:fs";
import postgres from "postgres";
import { readConfig } from "../../control-plane/config.ts";
import { openServer } from "../../control-plane/db/open.ts";
import type { Database } from "../../control-plane/db/tx.ts";
import { DAY_MS, plus, systemClock } from "../../control-plane/kernel/clock.ts";
import { systemIds } from "../../control-plane/kernel/ids.ts";
import { lane } from "../../control-plane/kernel/lane.ts";
import { type HoldOutcome, holdTogether, type Wish } from "../../control-plane/quota/ledger.ts";
import { GROUP_COMMIT } from "../../control-plane/together.ts";
import { type Bench, ratioOf } from "./bench.ts";
import { type Load, type Measured, measure } from "./clients.ts";
import { type Place, wideProvince } from "./wide-province.ts";

/**
 * Durable claims: hold and commit at once, as a request has it that needs no approval. Each of the clients waits for
 * its claim before it asks for the next. The baseline does the same, leaving the same rows, by one call of an SQL
 * function in a transaction of its own, over a connection for each client.
 */
const FUNCTION = readFileSync(new URL("./claim-function.sql", import.meta.url), "utf8");
const CLIENTS = [1, 8, 64, 256];
const AMOUNTS = { VCPU: 4, MEMORY_GIB: 16 } as const;

export const bench: Bench = {
  async run(lab) {
    const url = await lab.newDatabase();
    const db = await openServer({ url, connectionsMax: 10 });
    const province = await db.withTx(wideProvince);
    const administrator = postgres(url, { max: 1 });
    await administrator.unsafe(FUNCTION);
    await administrator.unsafe("VACUUM ANALYZE");
    await administrator.end();
    const claims = ledgerLane(db);

    for (const [name, places] of Object.entries(province)) {
      for (const clients of CLIENTS) {
        if (!lab.wants(`${name}, ${clients} clients`)) continue;
        const load = { clients, seconds: lab.quick ? 0.3 : 5, warmUpSeconds: lab.quick ? 0.1 : 1 };
        const baseline = await byFunction(url, load, places);
        const measured = await measure(load, async () => {
          const parts = [{ role: "primary" as const, ...oneOf(places), amounts: AMOUNTS }];
          const placementIds = new Map([["primary" as const, systemIds.next("plc")]]);
          const outcome = await claims.join({
            requestId: systemIds.next("req"),
            parts,
            expiresAt: plus(systemClock.now(), DAY_MS),
            claim: { tenancyId: systemIds.next("ten"), placementIds },
          });
          if (!outcome.held) throw new Error("refused, although there is plenty");
        });
        lab.print({
          case: name,
          clients,
          value: measured.perSecond,
          unit: "claims/s",
          baseline: baseline.perSecond,
          ratio: ratioOf(measured.perSecond, baseline.perSecond),
          p50Ms: measured.p50Ms,
          p99Ms: measured.p99Ms,
          details: { baselineP50Ms: baseline.p50Ms, baselineP99Ms: baseline.p99Ms },
        });
      }
    }
    await db.close();
  },
};

/** As submissions go to the ledger, without what else they write. */
function ledgerLane(db: Database) {
  const ctx = { clock: systemClock, ids: systemIds, config: readConfig({}, {}) };
  return lane<Wish, HoldOutcome>({
    ...GROUP_COMMIT,
    carryOut: (wishes) =>
      db.withTx((tx) =>
        holdTogether(
          tx,
          ctx,
          wishes.map((wish) => [wish]),
        ),
      ),
    isGeneral: () => true,
  });
}

async function byFunction(url: string, load: Load, places: readonly Place[]): Promise<Measured> {
  const client = postgres(url, { max: load.clients });
  const amounts = Object.entries(AMOUNTS);
  try {
    return await measure(load, async () => {
      const { quotaNodeId, cloudId, poolId } = oneOf(places);
      const parts = JSON.stringify([{ role: "primary", quotaNodeId, cloudId, poolId, amounts: AMOUNTS }]);
      const [row] = await client`
        SELECT bench_claim(${quotaNodeId}, ${cloudId}, ${poolId}, ${amounts.map(([name]) => name)},
                           ${amounts.map(([, amount]) => amount)}, ${systemIds.next("hold")},
                           ${systemIds.next("req")}, ${systemIds.next("ten")}, ${systemIds.next("plc")},
                           ${parts}::text::jsonb, ${systemClock.now()}) AS claimed`;
      if (row?.claimed !== true) throw new Error("refused, although there is plenty");
    });
  } finally {
    await client.end();
  }
}

function oneOf(places: readonly Place[]): Place {
  const place = places[Math.floor(Math.random() * places.length)];
  if (place === undefined) throw new Error("no place");
  return place;
}
