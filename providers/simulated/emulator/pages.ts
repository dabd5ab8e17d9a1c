import { Refusal } from "./refusal.ts";

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 500;

export interface PageQuery {
  readonly after?: string;
  readonly limit?: string;
}

/** Pages by name, so that a page stays right while objects come and go before it. */
export function pageOf<Item extends { readonly name: string }>(
  items: Iterable<Item>,
  query: PageQuery,
): { items: Item[]; next: string | null } {
  const limit = query.limit === undefined ? LIMIT_DEFAULT : Number(query.limit);
  if (!Number.isInteger(limit) || limit < 1)
    throw new Refusal(400, "bad_limit", "limit is a number from 1 up");
  const after = query.after === undefined ? null : nameFrom(query.after);
  const rest = [...items]
    .filter((item) => after === null || item.name > after)
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  const page = rest.slice(0, Math.min(limit, LIMIT_MAX));
  const last = page.at(-1);
  return {
    items: page,
    next: last === undefined || page.length === rest.length ? null : cursorAt(last.name),
  };
}

function cursorAt(name: string): string {
  return Buffer.from(`n:${name}`).toString("base64url");
}

function nameFrom(cursor: string): string {
  const text = Buffer.from(cursor, "base64url").toString();
  if (!text.startsWith("n:")) throw new Refusal(400, "bad_cursor", "this cursor was not made here");
  return text.slice(2);
}
