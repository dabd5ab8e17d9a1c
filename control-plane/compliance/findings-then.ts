import type { Tx } from "../db/tx.ts";
import { type FindingThen, findingsThen } from "./finding-rows.ts";

/** How the findings about some units stood at a moment, by resource and control. */
export async function findingsThenIn(
  tx: Tx,
  units: readonly string[],
  instant: Date,
): Promise<ReadonlyMap<string, FindingThen>> {
  const rows = await findingsThen(tx, units, instant);
  return new Map(rows.map((row) => [`${row.resourceKey} ${row.controlId}`, row]));
}
