import { z } from "zod";
import { unreadable } from "../wire-faults.ts";
import type { Call, Client } from "./client.ts";
import { partialList } from "./faults.ts";

const Link = z.object({ rel: z.string(), href: z.string() });

/** A runaway list is a defect of the cloud; nothing here has so many pages. */
const PAGES_MAX = 10_000;

/** Every object of a list, over all pages: each service says in its own way where the next one begins. */
export async function listAll<Item extends z.ZodType>(
  client: Client,
  call: Call,
  key: string,
  item: Item,
): Promise<z.output<Item>[]> {
  const items: z.output<Item>[] = [];
  let query = call.query ?? {};
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { found, next } = await listPage(client, { ...call, query }, key, item);
    items.push(...found);
    if (next === null) return items;
    query = { ...query, ...next };
  }
  throw unreadable(new Error(`${key}: more than ${PAGES_MAX} pages`));
}

export async function listPage<Item extends z.ZodType>(
  client: Client,
  call: Call,
  key: string,
  item: Item,
): Promise<{ found: z.output<Item>[]; next: Readonly<Record<string, string>> | null }> {
  const reply = await client.call(call, z.record(z.string(), z.unknown()));
  // Keystone cuts off at a limit that its operator has set, and has no second page.
  if (reply.truncated === true) throw partialList();
  const parsed = z.array(item).safeParse(reply[key]);
  if (!parsed.success) throw unreadable(parsed.error);
  const href = nextHref(reply, key);
  // Only the query is taken over: behind a proxy the address in the link may be another than ours.
  return { found: parsed.data, next: href === null ? null : queryOf(href) };
}

function nextHref(reply: Record<string, unknown>, key: string): string | null {
  // Nova and Neutron: servers_links, networks_links; Keystone: links.next; Glance: next.
  const links = z.array(Link).safeParse(reply[`${key}_links`]);
  const link = links.data?.find(({ rel }) => rel === "next")?.href;
  const own = z.object({ next: z.string().nullable().optional() });
  return link ?? own.safeParse(reply.links).data?.next ?? own.safeParse(reply).data?.next ?? null;
}

function queryOf(href: string): Record<string, string> {
  return Object.fromEntries(new URL(href, "http://next.invalid").searchParams);
}
