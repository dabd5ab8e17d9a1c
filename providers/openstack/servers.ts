import { z } from "zod";
import type { ObservedInstance, Page, PageOptions } from "../port.ts";
import type { Client } from "./client.ts";
import { partialList } from "./faults.ts";
import { unless } from "./gone.ts";
import { listAll, listPage } from "./pages.ts";
import { stateOf, toInstance } from "./translate.ts";
import { WireServer } from "./wire.ts";

const PATH = { service: "compute", path: ["servers", "detail"] } as const;

function inProject(projectId: string) {
  // Without `all_tenants` Nova leaves the project out of account and shows the caller's own.
  return { all_tenants: "1", project_id: projectId };
}

export async function serversOf(client: Client, projectId: string): Promise<WireServer[]> {
  return whole(await listAll(client, { ...PATH, query: inProject(projectId) }, "servers", WireServer));
}

/** By exact name, the oldest first: Nova lets names repeat, and searches with a pattern. */
export async function serversNamed(client: Client, projectId: string, name: string): Promise<WireServer[]> {
  const pattern = `^${name.replace(/[^a-zA-Z0-9-]/g, (sign) => `[${sign}]`)}$`;
  const query = { ...inProject(projectId), name: pattern };
  const found = whole(await listAll(client, { ...PATH, query }, "servers", WireServer));
  const order = ({ created, id }: WireServer) => `${created} ${id}`;
  return found.filter((server) => server.name === name).sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

export async function pageOfServers(
  client: Client,
  projectId: string,
  options: PageOptions | undefined,
): Promise<Page<ObservedInstance>> {
  const query = { ...inProject(projectId), limit: options?.limit, marker: options?.after };
  const { found, next } = await listPage(client, { ...PATH, query }, "servers", WireServer);
  const servers = await Promise.all(whole(found).map((server) => withFault(client, server)));
  return { items: servers.map(toInstance), next: next?.marker ?? null };
}

const OneServer = z.object({ server: WireServer });

/** With what went wrong: Nova's lists leave that out of servers that were never placed. */
export async function withFault(client: Client, server: WireServer): Promise<WireServer> {
  if (server.status !== "ERROR" || server.fault !== undefined) return server;
  const call = { service: "compute", path: ["servers", server.id] } as const;
  return (await unless(["NotFound"], client.call(call, OneServer)))?.server ?? server;
}

/** Servers of a cell that is down come as empty shells, whose state nobody knows. */
function whole(servers: WireServer[]): WireServer[] {
  if (servers.some(({ status }) => status === "UNKNOWN")) throw partialList();
  return servers;
}

export function isLeaving(server: WireServer): boolean {
  return stateOf(server) === "removing";
}
