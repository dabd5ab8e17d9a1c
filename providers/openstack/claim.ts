import { createHash } from "node:crypto";
import { z } from "zod";
import { isNotFound, ProviderFault } from "../faults.ts";
import { type Client, NOTHING } from "./client.ts";
import { ignoringNotFound, unless } from "./gone.ts";
import type { TenancyNetwork } from "./networks.ts";
import { listAll } from "./pages.ts";
import { WirePort } from "./wire.ts";

/**
 * Nova makes a second server of the same name without a word. Neutron does not make a second port with the
 * same hardware address: so the port is made first, with an address that follows from project and name,
 * and only who has made it makes the server.
 */
export interface Claim {
  readonly portId: string;
  /** False where somebody else, or a call whose reply was lost, has made it before. */
  readonly fresh: boolean;
}

const OnePort = z.object({ port: WirePort });
const PORTS = { service: "network", path: ["ports"] } as const;

/** Locally administered and unicast, so it meets no address of real hardware. */
function hardwareAddress(projectId: string, name: string): string {
  const bytes = createHash("sha256").update(`${projectId}/${name}`).digest().subarray(0, 5);
  return ["02", ...[...bytes].map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}

export async function claimPort(
  client: Client,
  { network, securityGroup }: TenancyNetwork,
  project: { readonly id: string },
  name: string,
): Promise<Claim> {
  const mac = hardwareAddress(project.id, name);
  const port = {
    network_id: network.id,
    project_id: project.id,
    name,
    mac_address: mac,
    security_groups: [securityGroup.id],
  };
  const create = { ...PORTS, method: "POST", body: { port } } as const;
  const made = await unless(["Conflict"], client.call(create, OnePort));
  if (made !== null) return { portId: made.port.id, fresh: true };
  const existing = await findPort(client, project.id, name);
  if (existing === null) throw new ProviderFault("Unavailable", `the port of ${name} comes and goes`);
  return { portId: existing.id, fresh: false };
}

async function findPort(client: Client, projectId: string, name: string): Promise<WirePort | null> {
  const query = { project_id: projectId, mac_address: hardwareAddress(projectId, name) };
  const [port] = await listAll(client, { ...PORTS, query }, "ports", WirePort);
  return port ?? null;
}

/** Takes over a port whose maker has gone; of several that try, Neutron lets one through. */
export async function takeOver(client: Client, portId: string): Promise<void> {
  const path = [...PORTS.path, portId];
  const { port } = await client.call({ service: "network", path }, OnePort);
  const headers: Record<string, string> =
    port.revision_number === undefined ? {} : { "if-match": `revision_number=${port.revision_number}` };
  const taken = { description: `taken over at ${(port.revision_number ?? 0) + 1}` };
  await client.call({ service: "network", method: "PUT", path, headers, body: { port: taken } }, OnePort);
}

/** True where there was one that no server uses. */
export async function releasePort(client: Client, projectId: string, name: string): Promise<void> {
  const port = await findPort(client, projectId, name);
  if (port !== null) await deletePort(client, port.id);
}

export async function deletePort(client: Client, id: string): Promise<void> {
  await ignoringNotFound(
    client.call({ service: "network", method: "DELETE", path: [...PORTS.path, id] }, NOTHING),
  );
}

/** A refusal for good: what was claimed for it may go. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof ProviderFault &&
    !isNotFound(error) &&
    ["Capacity", "Invalid", "Denied"].includes(error.kind)
  );
}
