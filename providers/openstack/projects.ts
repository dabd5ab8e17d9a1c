import { z } from "zod";
import { ProviderFault } from "../faults.ts";
import { type Client, NOTHING } from "./client.ts";
import { listAll } from "./pages.ts";
import { WireProject } from "./wire.ts";

const OneProject = z.object({ project: WireProject });

export async function findProject(
  client: Client,
  domainId: string,
  name: string,
): Promise<WireProject | null> {
  const query = { domain_id: domainId, name };
  const found = await listAll(
    client,
    { service: "identity", path: ["projects"], query },
    "projects",
    WireProject,
  );
  // Some back ends compare names without regard to case.
  return found.find((project) => project.name === name) ?? null;
}

export async function projectNamed(client: Client, domainId: string, name: string): Promise<WireProject> {
  const project = await findProject(client, domainId, name);
  if (project === null) throw new ProviderFault("NotFound", `there is no tenancy ${name}`);
  return project;
}

export async function listProjects(client: Client, domainId: string): Promise<WireProject[]> {
  const query = { domain_id: domainId };
  const found = await listAll(
    client,
    { service: "identity", path: ["projects"], query },
    "projects",
    WireProject,
  );
  const { projectId } = await client.token();
  // The project in which the control plane itself signs in is nobody's tenancy.
  return found.filter((project) => !project.is_domain && project.id !== projectId);
}

export interface ProjectChange {
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly enabled?: boolean;
}

/** Null where the name was taken in the meantime: names are unique in a domain, so only one can win. */
export async function createProject(
  client: Client,
  domainId: string,
  name: string,
  change: ProjectChange,
): Promise<WireProject | null> {
  const body = { project: { name, domain_id: domainId, ...change } };
  try {
    const call = { service: "identity", method: "POST", path: ["projects"], body } as const;
    return (await client.call(call, OneProject)).project;
  } catch (error) {
    if (error instanceof ProviderFault && error.kind === "Conflict") return null;
    throw error;
  }
}

export async function changeProject(client: Client, id: string, change: ProjectChange): Promise<WireProject> {
  const call = {
    service: "identity",
    method: "PATCH",
    path: ["projects", id],
    body: { project: change },
  } as const;
  return (await client.call(call, OneProject)).project;
}

export async function deleteProject(client: Client, id: string): Promise<void> {
  await client.call({ service: "identity", method: "DELETE", path: ["projects", id] }, NOTHING);
}
