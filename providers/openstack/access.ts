import { z } from "zod";
import { ProviderFault } from "../faults.ts";
import { type Client, NOTHING } from "./client.ts";
import type { OpenstackConnection } from "./connection.ts";
import { ignoringNotFound, unless } from "./gone.ts";
import { listAll } from "./pages.ts";
import { WireAssignment, WireNamed } from "./wire.ts";

/** Who may enter a project: the department's group, in the one role that the connection names. */

type Place = Pick<OpenstackConnection, "domainId" | "memberRole">;

export async function roleId(client: Client, name: string): Promise<string> {
  const call = { service: "identity", path: ["roles"], query: { name } } as const;
  const [role] = await listAll(client, call, "roles", WireNamed);
  if (role === undefined) throw new ProviderFault("Invalid", `the cloud has no role ${name}`);
  return role.id;
}

/** Names of the groups that hold the member role, by project. */
export async function groupsByProject(
  client: Client,
  place: Place,
  projectId?: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const query = { include_names: "true", "scope.project.id": projectId };
  const call = { service: "identity", path: ["role_assignments"], query } as const;
  const groups = new Map<string, string[]>();
  for (const { role, group, scope } of await listAll(client, call, "role_assignments", WireAssignment)) {
    if (group?.name === undefined || scope.project === undefined || role.name !== place.memberRole) continue;
    groups.set(scope.project.id, [...(groups.get(scope.project.id) ?? []), group.name]);
  }
  return groups;
}

/** Lets the group in, and another one out that was let in before. */
export async function ensureAccess(
  client: Client,
  place: Place,
  projectId: string,
  group: string,
  before: string | null,
): Promise<void> {
  const role = await roleId(client, place.memberRole);
  const grant = async (id: string, method: "PUT" | "DELETE") => {
    const path = ["projects", projectId, "groups", id, "roles", role];
    await client.call({ service: "identity", method, path }, NOTHING);
  };
  await grant(await ensureGroup(client, place.domainId, group), "PUT");
  if (before === null || before === group) return;
  const old = await findByName(client, "groups", place.domainId, before);
  if (old !== null) await ignoringNotFound(grant(old.id, "DELETE"));
}

async function ensureGroup(client: Client, domainId: string, name: string): Promise<string> {
  const existing = await findByName(client, "groups", domainId, name);
  if (existing !== null) return existing.id;
  const body = { group: { name, domain_id: domainId } };
  const create = { service: "identity", method: "POST", path: ["groups"], body } as const;
  const made = await unless(["Conflict"], client.call(create, z.object({ group: WireNamed })));
  const group = made?.group ?? (await findByName(client, "groups", domainId, name));
  if (group === null) throw new ProviderFault("Unavailable", `the group ${name} comes and goes`);
  return group.id;
}

export async function findByName(
  client: Client,
  kind: "groups" | "users",
  domainId: string,
  name: string,
): Promise<WireNamed | null> {
  const query = { domain_id: domainId, name };
  const found = await listAll(client, { service: "identity", path: [kind], query }, kind, WireNamed);
  return found.find((one) => one.name === name) ?? null;
}
