import { ProviderFault } from "../faults.ts";
import type { Page, PageOptions } from "../port.ts";
import { promised } from "./session.ts";

/** What every list of Kubernetes looks like. */
export interface KubernetesList<Item> {
  readonly items: readonly Item[];
  readonly metadata?: { readonly _continue?: string };
}

export interface Position {
  readonly limit?: number;
  readonly _continue?: string;
}

const PAGE_LIMIT = 500;

/** The cursor of a page is Kubernetes' own; it is good for some minutes, then the list has to be begun again. */
export function positionOf(options: PageOptions | undefined): Position {
  return {
    limit: options?.limit ?? PAGE_LIMIT,
    ...(options?.after === undefined ? {} : { _continue: options.after }),
  };
}

export function pageOf<From, To>(list: KubernetesList<From>, translate: (item: From) => To): Page<To> {
  const items = promised(list.items, "items");
  // An empty text is how the API says that there is no more.
  return { items: items.map(translate), next: list.metadata?._continue || null };
}

const RESTARTS_MAX = 3;

/** The whole list, page by page. Where the place was forgotten on the way, it begins again. */
export async function everyItem<Item>(
  read: (position: Position) => Promise<KubernetesList<Item>>,
): Promise<Item[]> {
  for (let restarts = 0; ; restarts += 1) {
    try {
      return await allPages(read);
    } catch (error) {
      const forgotten = error instanceof ProviderFault && error.vendorCode === "Expired";
      if (!forgotten || restarts === RESTARTS_MAX) throw error;
    }
  }
}

async function allPages<Item>(read: (position: Position) => Promise<KubernetesList<Item>>): Promise<Item[]> {
  const all: Item[] = [];
  let position: Position | null = { limit: PAGE_LIMIT };
  while (position !== null) {
    const list: KubernetesList<Item> = await read(position);
    all.push(...promised(list.items, "items"));
    const next = list.metadata?._continue;
    position = next ? { limit: PAGE_LIMIT, _continue: next } : null;
  }
  return all;
}
