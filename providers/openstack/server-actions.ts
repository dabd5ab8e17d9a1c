import type { Ownership } from "../port.ts";
import { type Client, NOTHING } from "./client.ts";
import { ignoringNotFound, unless } from "./gone.ts";
import { markOfServer, SUSPENDED_KEY, serverMetadata } from "./marks.ts";
import { serversOf } from "./servers.ts";

export async function act(
  client: Client,
  serverId: string,
  action: Readonly<Record<string, unknown>>,
): Promise<void> {
  const path = ["servers", serverId, "action"];
  await client.call({ service: "compute", method: "POST", path, body: action }, NOTHING);
}

async function putMetadata(
  client: Client,
  serverId: string,
  metadata: Record<string, string>,
): Promise<void> {
  const path = ["servers", serverId, "metadata"];
  await client.call({ service: "compute", method: "POST", path, body: { metadata } }, NOTHING);
}

/** Marks what runs before stopping it, so that resuming starts only what this has stopped. */
export async function suspendServers(client: Client, projectId: string): Promise<void> {
  for (const { id, status } of await serversOf(client, projectId)) {
    if (status !== "ACTIVE") continue;
    await ignoringNotFound(putMetadata(client, id, { [SUSPENDED_KEY]: "1" }));
    // On its way to another state it is stopped by a later repeat.
    await unless(["Conflict", "NotFound"], act(client, id, { "os-stop": null }));
  }
}

export async function resumeServers(client: Client, projectId: string): Promise<void> {
  for (const { id, status, metadata } of await serversOf(client, projectId)) {
    if (metadata[SUSPENDED_KEY] === undefined) continue;
    if (status === "SHUTOFF") await unless(["Conflict", "NotFound"], act(client, id, { "os-start": null }));
    const path = ["servers", id, "metadata", SUSPENDED_KEY];
    await ignoringNotFound(client.call({ service: "compute", method: "DELETE", path }, NOTHING));
  }
}

export async function markServers(client: Client, projectId: string, ownership: Ownership): Promise<void> {
  for (const { id, metadata } of await serversOf(client, projectId)) {
    if (markOfServer(metadata) === null) await putMetadata(client, id, serverMetadata(ownership));
  }
}

export async function deleteServer(client: Client, id: string): Promise<void> {
  await ignoringNotFound(
    client.call({ service: "compute", method: "DELETE", path: ["servers", id] }, NOTHING),
  );
}
