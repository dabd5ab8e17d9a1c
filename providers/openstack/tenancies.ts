import { isNotFound, ProviderFault } from "../faults.ts";
import type { ObservedTenancy, Ownership, Page, PageOptions, TenancySpec } from "../port.ts";
import { ensureAccess, groupsByProject } from "./access.ts";
import type { Client } from "./client.ts";
import type { OpenstackConnection } from "./connection.ts";
import { pageOf } from "./cursor.ts";
import type { Features } from "./features.ts";
import { markOf, othersTags, type ProjectMark, sameOwner, tagsOf } from "./marks.ts";
import { ensureNetworks, isIsolated, readNetworks } from "./networks.ts";
import { changeProject, createProject, findProject, listProjects, projectNamed } from "./projects.ts";
import { ensureQuota, readQuota, rememberedPart } from "./quotas.ts";
import { markServers, resumeServers, suspendServers } from "./server-actions.ts";
import type { WireProject } from "./wire.ts";
import { zoneNames } from "./zones.ts";

/** A tenancy is a project with its network, quotas and one group that may enter. */

export interface Cloud {
  readonly client: Client;
  readonly connection: OpenstackConnection;
  readonly features: Features;
}

export async function ensureTenancy(cloud: Cloud, spec: TenancySpec): Promise<ObservedTenancy> {
  const { client, connection, features } = cloud;
  const existing = await findProject(client, connection.domainId, spec.name);
  if (existing !== null) assertOurs(existing, spec);
  await assertPool(cloud, spec, existing);
  const project = existing ?? (await madeProject(cloud, spec));
  const before = markOf(project.tags);
  // Enabled again first, and disabled last: nothing can be changed in a project that is not.
  if (!spec.suspended && !project.enabled) await resume(client, project);
  await ensureMark(cloud, project, spec);
  await ensureAccess(client, connection, project.id, spec.accessGroup, before.group);
  await ensureQuota(client, project.id, spec.quota, features);
  // Of two networks that controllers make at once one is taken away again, perhaps under the other's hands.
  await again(() => ensureNetworks(client, connection, project, features.routers));
  if (spec.suspended) await suspend(client, project);
  return getTenancy(cloud, spec.name);
}

const RACES_MAX = 3;

/** Looks again where something vanished that was there a moment ago. */
async function again(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isNotFound(error) || attempt === RACES_MAX) throw error;
    }
  }
}

async function madeProject({ client, connection, features }: Cloud, spec: TenancySpec): Promise<WireProject> {
  const { domainId } = connection;
  const tags = tagsOf(markFor(spec, features));
  const made = await createProject(client, domainId, spec.name, { description: spec.displayName, tags });
  const project = made ?? (await projectNamed(client, domainId, spec.name));
  assertOurs(project, spec);
  return project;
}

function markFor(spec: TenancySpec, features: Features): ProjectMark {
  return {
    ownership: spec.ownership,
    pool: spec.pool,
    zone: spec.zone,
    group: spec.accessGroup,
    remembered: rememberedPart(spec.quota, features),
    removing: false,
  };
}

async function ensureMark(
  { client, features }: Cloud,
  project: WireProject,
  spec: TenancySpec,
): Promise<void> {
  const tags = [...othersTags(project.tags), ...tagsOf(markFor(spec, features))];
  const same =
    project.description === spec.displayName && [...project.tags].sort().join() === [...tags].sort().join();
  if (!same) await changeProject(client, project.id, { description: spec.displayName, tags });
}

function assertOurs(project: WireProject, spec: TenancySpec): void {
  const mark = markOf(project.tags);
  if (!sameOwner(mark.ownership, spec.ownership)) {
    throw new ProviderFault("Conflict", `tenancy ${project.name} belongs to somebody else`, {
      cause: { ownership: mark.ownership },
      vendorCode: "foreign_owner",
    });
  }
  if (mark.removing) {
    throw new ProviderFault("Conflict", `tenancy ${project.name} is being removed`, {
      vendorCode: "removing",
    });
  }
}

async function assertPool(cloud: Cloud, spec: TenancySpec, existing: WireProject | null): Promise<void> {
  const pool = existing === null ? "" : markOf(existing.tags).pool;
  if (pool === spec.pool) return;
  if (pool !== "") {
    throw new ProviderFault("Conflict", `tenancy ${spec.name} is in pool ${pool} and cannot move`);
  }
  const zone = cloud.connection.zones[spec.pool] ?? spec.pool;
  if (!(await zoneNames(cloud.client)).includes(zone)) {
    throw new ProviderFault("Invalid", `the cloud has no availability zone ${zone}`);
  }
}

async function suspend(client: Client, project: WireProject): Promise<void> {
  await suspendServers(client, project.id);
  if (project.enabled) await changeProject(client, project.id, { enabled: false });
}

async function resume(client: Client, project: WireProject): Promise<void> {
  await changeProject(client, project.id, { enabled: true });
  await resumeServers(client, project.id);
}

/** Tags are written as one list, so what is not ours is written back with them. */
export async function adoptTenancy(
  cloud: Cloud,
  name: string,
  ownership: Ownership,
): Promise<ObservedTenancy> {
  const { client, connection } = cloud;
  const project = await projectNamed(client, connection.domainId, name);
  const mark = markOf(project.tags);
  if (mark.ownership !== null && !sameOwner(mark.ownership, ownership)) {
    throw new ProviderFault("Conflict", `tenancy ${name} belongs to somebody else`, {
      vendorCode: "foreign_owner",
    });
  }
  const tags = [...othersTags(project.tags), ...tagsOf({ ...mark, ownership })];
  await changeProject(client, project.id, { tags });
  await markServers(client, project.id, ownership);
  return getTenancy(cloud, name);
}

export async function getTenancy(cloud: Cloud, name: string): Promise<ObservedTenancy> {
  const project = await projectNamed(cloud.client, cloud.connection.domainId, name);
  const [seen] = await observed(cloud, [project]);
  if (seen === undefined) throw new ProviderFault("NotFound", `there is no tenancy ${name}`);
  return seen;
}

export async function listTenancies(
  cloud: Cloud,
  options: PageOptions | undefined,
): Promise<Page<ObservedTenancy>> {
  // Keystone has no pages: the pages are ours, and so are the cursors.
  const { items, next } = pageOf(await listProjects(cloud.client, cloud.connection.domainId), options);
  return { items: await observed(cloud, items), next };
}

/** Reads at a time of how many projects; a cloud's front end has few workers. */
const AT_ONCE = 8;

async function observed(cloud: Cloud, projects: readonly WireProject[]): Promise<ObservedTenancy[]> {
  const { client, connection, features } = cloud;
  // For a page one look at everything costs less than many small ones.
  const only = projects.length === 1 ? projects[0]?.id : undefined;
  const [groups, { networks, groups: securityGroups }] = await Promise.all([
    groupsByProject(client, connection, only),
    readNetworks(client, only),
  ]);
  const seen: ObservedTenancy[] = [];
  for (let from = 0; from < projects.length; from += AT_ONCE) {
    const some = projects.slice(from, from + AT_ONCE);
    const quotas = await Promise.all(some.map(({ id }) => readQuota(client, id, features)));
    for (const [index, project] of some.entries()) {
      const mine = <Owned extends { project_id: string }>(all: readonly Owned[]) =>
        all.filter(({ project_id }) => project_id === project.id);
      const mark = markOf(project.tags);
      const admitted = groups.get(project.id) ?? [];
      seen.push({
        ref: project.id,
        name: project.name,
        ownership: mark.ownership,
        state: mark.removing ? "removing" : project.enabled ? "active" : "suspended",
        displayName:
          project.description === null || project.description === "" ? project.name : project.description,
        pool: mark.pool,
        zone: mark.zone,
        quota: { ...mark.remembered, ...quotas[index] },
        accessGroup: admitted.find((name) => name === mark.group) ?? admitted[0] ?? null,
        isolated: isIsolated(project.name, { networks: mine(networks), groups: mine(securityGroups) }),
        message: null,
      });
    }
  }
  return seen;
}
