import { assertExact, entriesOf, type ResourceClass, type ResourceVector } from "../kernel/quantity.ts";

/** Prices in fen per unit and month, in force from a date on. */
export interface PriceList {
  readonly id: string;
  readonly effectiveFrom: string;
  readonly fenPerUnitMonth: Readonly<Record<string, number>>;
}

export interface Price {
  readonly currency: "CNY";
  readonly priceListId: string | null;
  readonly monthlyFen: number;
  readonly items: readonly {
    resourceClass: ResourceClass;
    amount: number;
    fenPerUnitMonth: number;
    fen: number;
  }[];
}

/** The newest list whose date has come; lists that start on the same day are told apart by id. */
export function priceListOn(lists: readonly PriceList[], today: string): PriceList | null {
  const inForce = lists.filter((list) => list.effectiveFrom <= today);
  const byDate = (left: PriceList, right: PriceList) =>
    right.effectiveFrom.localeCompare(left.effectiveFrom) || right.id.localeCompare(left.id);
  return inForce.toSorted(byDate)[0] ?? null;
}

/** What a month costs; a class without a price is free, and shown as such. */
export function priceOf(amounts: ResourceVector, list: PriceList | null): Price {
  const items = entriesOf(amounts).map(([resourceClass, amount]) => {
    const fenPerUnitMonth = list?.fenPerUnitMonth[resourceClass] ?? 0;
    return { resourceClass, amount, fenPerUnitMonth, fen: assertExact(amount * fenPerUnitMonth) };
  });
  const monthlyFen = assertExact(items.reduce((sum, item) => sum + item.fen, 0));
  return { currency: "CNY", priceListId: list?.id ?? null, monthlyFen, items };
}
