import { ProviderFault } from "../faults.ts";
import type { PageOptions } from "../port.ts";

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 500;
const MADE_HERE = "n:";

/** Pages by name, so that a page stays right while objects come and go before it. */
export function pageOf<Item extends { readonly name: string }>(
  items: readonly Item[],
  options: PageOptions | undefined,
): { items: Item[]; next: string | null } {
  const after = options?.after === undefined ? null : nameFrom(options.after);
  const limit = Math.min(options?.limit ?? LIMIT_DEFAULT, LIMIT_MAX);
  const rest = items
    .filter(({ name }) => after === null || name > after)
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const next = last === undefined || page.length === rest.length ? null : cursorAt(last.name);
  return { items: page, next };
}

function cursorAt(name: string): string {
  return Buffer.from(`${MADE_HERE}${name}`).toString("base64url");
}

function nameFrom(cursor: string): string {
  const text = Buffer.from(cursor, "base64url").toString();
  if (!text.startsWith(MADE_HERE)) throw new ProviderFault("Invalid", "this cursor was not made here");
  return text.slice(MADE_HERE.length);
}
