import { z } from "zod";
import { fault } from "../kernel/fault.ts";

const PAGE_SIZE_MAX = 500;

/** Query parameters of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).default(50),
  cursor: z.string().max(500).optional(),
};

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Pass as `cursor` for the next page; null on the last. */
  readonly nextCursor: string | null;
}

export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** The key after which the next page begins, or "" for the first page. */
export function afterOf(cursor: string | undefined): string {
  if (cursor === undefined) return "";
  const key = Buffer.from(cursor, "base64url").toString("utf8");
  // The database takes no U+0000, and no key of ours holds a control character.
  if (!key.startsWith("after:") || /[\p{Cc}\ufffd]/u.test(key)) throw fault("http.invalid_cursor");
  return key.slice("after:".length);
}

/** Cuts the one row too many that a query fetched to learn whether there is more. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => string,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    items: shown.map(toItem),
    nextCursor: more ? Buffer.from(`after:${keyOf(last)}`).toString("base64url") : null,
  };
}
