import { z } from "zod";
import { ProviderFault } from "../faults.ts";
import { unreadable } from "../wire-faults.ts";

/** What the API takes as the largest page of most lists, and as values of one filter. */
export const PAGE_MAX = 200;
/** And as the smallest. */
const PAGE_MIN = 5;
/** A cloud that never comes to an end is broken; a thousand pages are more than any account holds. */
const PAGES_MAX = 1_000;

interface Paged {
  readonly NextToken?: string | undefined;
}

/** All pages of a list, one after the other. */
export async function everyPage<Output extends Paged, Item>(
  read: (token: string | undefined) => Promise<Output>,
  itemsOf: (output: Output) => readonly Item[] | undefined,
): Promise<Item[]> {
  const all: Item[] = [];
  let token: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const output = await read(token);
    all.push(...(itemsOf(output) ?? []));
    if (!output.NextToken) return all;
    if (output.NextToken === token) throw unreadable("the list repeats itself");
    token = output.NextToken;
  }
  throw unreadable(`the list has more than ${PAGES_MAX} pages`);
}

export function paged(token: string | undefined): PageInput {
  return { MaxResults: PAGE_MAX, NextToken: token };
}

interface PageInput {
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
}

/** A place in a list: a page of the cloud, and how many of its items were already handed out. */
const Cursor = z.strictObject({ token: z.string().min(1).nullable(), skip: z.int().min(0) });
type Cursor = z.infer<typeof Cursor>;

export interface CutPage<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/**
 * A page of any size from a cloud that only serves pages within its own bounds, or ignores the size altogether.
 */
export async function cutPage<Output extends Paged, Item>(
  asked: { readonly after?: string | undefined; readonly limit?: number | undefined },
  read: (page: PageInput) => Promise<Output>,
  itemsOf: (output: Output) => readonly Item[] | undefined,
): Promise<CutPage<Item>> {
  const limit = Math.min(asked.limit ?? PAGE_MAX, PAGE_MAX);
  const { token, skip } = asked.after === undefined ? { token: null, skip: 0 } : cursorIn(asked.after);
  // The same size again: a page cut in two would otherwise be cut differently the second time.
  const output = await read({
    MaxResults: Math.max(limit, PAGE_MIN, skip + 1),
    ...(token === null ? {} : { NextToken: token }),
  });
  const all = itemsOf(output) ?? [];
  const items = all.slice(skip, skip + limit);
  const end = skip + items.length;
  if (end < all.length) return { items, next: cursorOf({ token, skip: end }) };
  return { items, next: output.NextToken ? cursorOf({ token: output.NextToken, skip: 0 }) : null };
}

function cursorOf(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

function cursorIn(text: string): Cursor {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
  } catch (cause) {
    throw new ProviderFault("Invalid", "the cursor was not made by this cloud", { cause });
  }
}
