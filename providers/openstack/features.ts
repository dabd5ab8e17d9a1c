import { z } from "zod";
import type { ProbeResult, Supports } from "../port.ts";
import type { Client } from "./client.ts";
import { listAll } from "./pages.ts";
import { enforcedClasses, type QuotaScope } from "./quotas.ts";

/** What this cloud has beyond the services without which nothing goes. */
export interface Features extends QuotaScope {
  readonly routers: boolean;
}

const ALL: Features = { volumes: true, floatingIps: true, routers: true };

export async function readFeatures(client: Client): Promise<Features> {
  const Alias = z.object({ alias: z.string() });
  const call = { service: "network", path: ["extensions"], query: { fields: "alias" } } as const;
  const aliases = (await listAll(client, call, "extensions", Alias)).map(({ alias }) => alias);
  const routers = aliases.includes("router");
  return { volumes: await client.has("volume"), floatingIps: routers, routers };
}

function supportsOf(features: Features): Supports {
  return {
    enforcedQuota: enforcedClasses(features),
    suspend: true,
    discoverCapacity: true,
    instances: true,
    resize: true,
    wipeReceipt: false,
    issueAccess: true,
  };
}

export const OPENSTACK_SUPPORTS: Supports = supportsOf(ALL);

const WireRoot = z.object({ version: z.object({ id: z.string() }) });

export async function probe(
  client: Client,
  features: Features,
  computeVersion: () => string | null,
): Promise<ProbeResult> {
  const identity = await client.call({ service: "identity", path: [] }, WireRoot);
  // Asked without a token this would not show whether the credentials are still good.
  await client.call({ service: "compute", path: ["limits"] }, z.unknown());
  const version = `Keystone ${identity.version.id}, Nova API ${computeVersion() ?? "unknown"}`;
  return { version, supports: supportsOf(features) };
}
