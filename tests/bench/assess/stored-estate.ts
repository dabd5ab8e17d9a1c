import { sql } from "drizzle-orm";
import type { Database } from "../../../control-plane/db/tx.ts";
import { insertProvince, insertTenancies } from "../scale/province.ts";
import { CLOUDS, grantedAt, keyOf, observedAt } from "./estate.ts";

const STEP = 5000;

/** A province with so many tenancies, each with what its cloud shows of it. */
export async function insertEstate(db: Database, tenancies: number): Promise<void> {
  await db.withTx((tx) => insertProvince(tx, CLOUDS));
  for (let first = 1; first <= tenancies; first += STEP) {
    const last = Math.min(tenancies, first + STEP - 1);
    await db.withTx(async (tx) => {
      await insertTenancies(tx, first, last);
      const rows = Array.from({ length: last - first + 1 }, (_, index) => {
        const n = first + index;
        const key = keyOf(n);
        return { key, facts: grantedAt(n), observed: observedAt(n, key, "") };
      });
      const given = sql`json_to_recordset(${JSON.stringify(rows)}::text::json)
        AS made (key text, facts jsonb, observed jsonb)`;
      await tx.execute(sql`
        UPDATE tenancies SET granted = jsonb_set(granted, '{facts}', made.facts)
          FROM ${given} WHERE id = 'ten_' || made.key`);
      await tx.execute(sql`
        UPDATE placements SET observed = jsonb_set(made.observed, '{tenancy,pool}', to_jsonb(pool_id))
          FROM ${given} WHERE id = 'plc_' || made.key`);
    });
  }
}
