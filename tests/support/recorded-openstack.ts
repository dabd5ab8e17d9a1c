import { readFileSync } from "node:fs";
import { z } from "zod";

const Exchange = z.object({
  name: z.string(),
  request: z.object({
    method: z.string(),
    url: z.url(),
    headers: z.record(z.string(), z.string()),
    body: z.unknown(),
  }),
  response: z.object({ status: z.int(), headers: z.record(z.string(), z.string()), body: z.unknown() }),
});
export type Exchange = z.infer<typeof Exchange>;

const FILE = new URL("../fixtures/openstack/zed.json", import.meta.url);

/** What Keystone 22, Nova 26, Neutron 21, Glance 25 and Placement 8 (OpenStack Zed of Debian 12) have answered. */
export function recordedOpenstack(): Exchange[] {
  return z.object({ exchanges: z.array(Exchange) }).parse(JSON.parse(readFileSync(FILE, "utf8"))).exchanges;
}

export function exchangeNamed(name: string): Exchange {
  const found = recordedOpenstack().find((exchange) => exchange.name === name);
  if (found === undefined) throw new Error(`nothing was recorded as ${name}`);
  return found;
}
