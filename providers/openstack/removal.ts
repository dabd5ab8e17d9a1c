import { z } from "zod";
import { ProviderFault } from "../faults.ts";
import { findByName } from "./access.ts";
import { deletePort } from "./claim.ts";
import { type Client, NOTHING } from "./client.ts";
import { ignoringNotFound, unless } from "./gone.ts";
import { markOf, othersTags, tagsOf } from "./marks.ts";
import { readNetworks } from "./networks.ts";
import { listAll } from "./pages.ts";
import { changeProject, deleteProject, projectNamed } from "./projects.ts";
import { forgetQuota } from "./quotas.ts";
import { deleteServer } from "./server-actions.ts";
import { isLeaving, serversOf } from "./servers.ts";
import type { Cloud } from "./tenancies.ts";
import { tenantUserName } from "./tenant.ts";
import { WirePort, type WireProject } from "./wire.ts";

/**
 * Keystone deletes a project and leaves everything inside to nobody. So it goes last: each call takes away
 * what it can and ends where the cloud is still at it.
 */
export async function removeTenancy(cloud: Cloud, name: string): Promise<void> {
  const { client, connection, features } = cloud;
  const project = await projectNamed(client, connection.domainId, name);
  await markRemoving(client, project);
  if (!(await withoutServers(client, project.id))) return;
  if (features.volumes && !(await withoutVolumes(client, project.id))) return;
  if (!(await withoutNetworks(client, project.id, features.routers))) return;
  const user = await findByName(client, "users", connection.domainId, tenantUserName(project));
  if (user !== null) {
    // Its application credentials go with it.
    await ignoringNotFound(
      client.call({ service: "identity", method: "DELETE", path: ["users", user.id] }, NOTHING),
    );
  }
  await forgetQuota(client, project.id, features);
  await ignoringNotFound(deleteProject(client, project.id));
}

async function markRemoving(client: Client, project: WireProject): Promise<void> {
  const mark = markOf(project.tags);
  if (mark.ownership === null) {
    throw new ProviderFault("Conflict", `tenancy ${project.name} was not made by a control plane`);
  }
  if (mark.removing) return;
  const tags = [...othersTags(project.tags), ...tagsOf({ ...mark, removing: true })];
  await ignoringNotFound(changeProject(client, project.id, { tags }));
}

async function withoutServers(client: Client, projectId: string): Promise<boolean> {
  const servers = await serversOf(client, projectId);
  for (const server of servers) if (!isLeaving(server)) await deleteServer(client, server.id);
  return servers.length === 0;
}

async function withoutVolumes(client: Client, projectId: string): Promise<boolean> {
  const query = { all_tenants: "1", project_id: projectId };
  const call = { service: "volume", path: ["volumes"], query } as const;
  const volumes = await listAll(client, call, "volumes", z.object({ id: z.string() }));
  for (const { id } of volumes) {
    const removal = { service: "volume", method: "DELETE", path: ["volumes", id] } as const;
    await unless(["NotFound", "Invalid", "Conflict"], client.call(removal, NOTHING));
  }
  return volumes.length === 0;
}

const WithId = z.object({ id: z.string() });
const ROUTER_PORT = /^network:router_interface/;

/** False while something of it is still in use. */
async function withoutNetworks(client: Client, projectId: string, routed: boolean): Promise<boolean> {
  const list = <Item extends z.ZodType>(path: string, key: string, item: Item) =>
    listAll(client, { service: "network", path: [path], query: { project_id: projectId } }, key, item);
  const remove = async (path: readonly string[]) => {
    const call = { service: "network", method: "DELETE", path } as const;
    return (
      (await unless(
        ["Conflict"],
        ignoringNotFound(client.call(call, NOTHING)).then(() => true),
      )) ?? false
    );
  };
  if (routed)
    for (const { id } of await list("floatingips", "floatingips", WithId)) await remove(["floatingips", id]);
  for (const port of await list("ports", "ports", WirePort)) {
    if (ROUTER_PORT.test(port.device_owner)) await detach(client, port);
    else await unless(["Conflict"], deletePort(client, port.id));
  }
  let whole = true;
  if (routed) {
    for (const { id } of await list("routers", "routers", WithId))
      whole = (await remove(["routers", id])) && whole;
  }
  const { networks, groups } = await readNetworks(client, projectId);
  for (const { id } of networks) whole = (await remove(["networks", id])) && whole;
  for (const { id } of groups) whole = (await remove(["security-groups", id])) && whole;
  return whole;
}

async function detach(client: Client, port: WirePort): Promise<void> {
  const path = ["routers", port.device_id, "remove_router_interface"];
  const call = { service: "network", method: "PUT", path, body: { port_id: port.id } } as const;
  await unless(["NotFound", "Conflict"], client.call(call, NOTHING));
}
