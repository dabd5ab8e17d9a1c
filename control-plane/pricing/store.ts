import { priceLists } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import type { PriceList } from "./price.ts";

export async function loadPriceLists(tx: Tx): Promise<PriceList[]> {
  return tx.select().from(priceLists);
}
