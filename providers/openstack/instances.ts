import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { ProviderFault } from "../faults.ts";
import type { InstanceSpec, ObservedInstance } from "../port.ts";
import { claimPort, deletePort, isRefusal, releasePort, takeOver } from "./claim.ts";
import type { Client } from "./client.ts";
import { ensureFlavor } from "./flavors.ts";
import { unless } from "./gone.ts";
import { chooseImage } from "./images.ts";
import { IMAGE_KEY, MARK, markOf, markOfServer, sameOwner, serverMetadata, TOKEN_KEY } from "./marks.ts";
import { networkOf, readNetworks } from "./networks.ts";
import { projectNamed } from "./projects.ts";
import { act, deleteServer } from "./server-actions.ts";
import { isLeaving, serversNamed, withFault } from "./servers.ts";
import type { Cloud } from "./tenancies.ts";
import { toInstance, toMib } from "./translate.ts";
import type { WireProject, WireServer } from "./wire.ts";

/** Instances are Nova's servers, one port each on the tenancy's network. */

export interface InstanceCloud extends Cloud {
  /** A client that acts inside the project: Nova makes servers nowhere but in its caller's own. */
  tenant(project: WireProject): Client;
}

export async function ensureInstance(
  cloud: InstanceCloud,
  tenancy: string,
  spec: InstanceSpec,
  clientToken: string,
): Promise<ObservedInstance> {
  const project = await projectNamed(cloud.client, cloud.connection.domainId, tenancy);
  assertUsable(project);
  const existing = await onlyServer(cloud.client, project.id, spec.name);
  const server = existing ?? (await createServer(cloud, project, spec, clientToken));
  assertOurs(server, spec);
  return converge(cloud.client, project, server, spec);
}

export async function removeInstance(cloud: Cloud, tenancy: string, name: string): Promise<void> {
  const { client, connection } = cloud;
  const project = await projectNamed(client, connection.domainId, tenancy);
  const servers = await serversNamed(client, project.id, name);
  for (const server of servers) {
    if (markOfServer(server.metadata) === null) {
      throw new ProviderFault("Conflict", `instance ${name} was not made by a control plane`);
    }
    if (!isLeaving(server)) await deleteServer(client, server.id);
  }
  if (servers.length > 0) return;
  await releasePort(client, project.id, name);
  throw new ProviderFault("NotFound", `there is no instance ${name} in ${tenancy}`);
}

function assertUsable(project: WireProject): void {
  const removing = markOf(project.tags).removing;
  if (!removing && project.enabled) return;
  const what = removing ? "removing" : "suspended";
  throw new ProviderFault("Conflict", `tenancy ${project.name} is ${what}`, { vendorCode: what });
}

function assertOurs(server: WireServer, spec: InstanceSpec): void {
  if (!sameOwner(markOfServer(server.metadata), spec.ownership)) {
    throw new ProviderFault("Conflict", `instance ${server.name} belongs to somebody else`, {
      vendorCode: "foreign_owner",
    });
  }
  if (isLeaving(server)) {
    throw new ProviderFault("Conflict", `instance ${server.name} is being removed`, {
      vendorCode: "removing",
    });
  }
  const { image } = toInstance(server);
  if (image !== spec.image) {
    throw new ProviderFault("Conflict", `instance ${server.name} runs ${image}; remove it first`);
  }
}

/** The oldest of the name that is not leaving; one that leaves where there is no other. */
async function onlyServer(client: Client, projectId: string, name: string): Promise<WireServer | null> {
  const servers = await serversNamed(client, projectId, name);
  const server = servers.find((one) => !isLeaving(one)) ?? servers[0];
  return server === undefined ? null : withFault(client, server);
}

const MAKER_PAUSE_MS = 200;
const MAKER_LOOKS = 10;

async function createServer(
  cloud: InstanceCloud,
  project: WireProject,
  spec: InstanceSpec,
  clientToken: string,
): Promise<WireServer> {
  const { client } = cloud;
  const [imageRef, flavorRef, seen] = await Promise.all([
    chooseImage(client, spec),
    ensureFlavor(client, spec),
    readNetworks(client, project.id),
  ]);
  const network = networkOf(project.name, seen);
  if (network === null) {
    throw new ProviderFault("Conflict", `tenancy ${project.name} has no network: ensure it first`);
  }
  const claim = await claimPort(client, network, project, spec.name);
  if (!claim.fresh) {
    const others = await madeByAnother(client, project.id, spec.name);
    if (others !== null) return others;
    const taken = await unless(
      ["Conflict"],
      takeOver(client, claim.portId).then(() => true),
    );
    if (taken === null) throw new ProviderFault("Unavailable", `somebody else is making ${spec.name}`);
  }
  const body = serverBody(cloud, project, spec, { imageRef, flavorRef, port: claim.portId, clientToken });
  const call = { service: "compute", method: "POST", path: ["servers"], body } as const;
  try {
    await cloud.tenant(project).call(call, z.object({ server: z.object({ id: z.string() }) }));
  } catch (error) {
    if (isRefusal(error)) await deletePort(client, claim.portId);
    // The port has a server by now: it is the one.
    const others = isConflict(error) ? await onlyServer(client, project.id, spec.name) : null;
    if (others === null) throw error;
    return others;
  }
  const made = await onlyServer(client, project.id, spec.name);
  if (made === null) throw new ProviderFault("Unavailable", `${spec.name} is gone as soon as it is made`);
  return made;
}

function serverBody(
  { connection }: Cloud,
  project: WireProject,
  spec: InstanceSpec,
  made: { imageRef: string; flavorRef: string; port: string; clientToken: string },
) {
  const { pool } = markOf(project.tags);
  return {
    server: {
      name: spec.name,
      imageRef: made.imageRef,
      flavorRef: made.flavorRef,
      networks: [{ port: made.port }],
      ...(pool === "" ? {} : { availability_zone: connection.zones[pool] ?? pool }),
      metadata: {
        ...serverMetadata(spec.ownership),
        [IMAGE_KEY]: spec.image,
        [TOKEN_KEY]: made.clientToken,
      },
      tags: [MARK],
    },
  };
}

/** Looks for a while whether the maker of the port makes its server. */
async function madeByAnother(client: Client, projectId: string, name: string): Promise<WireServer | null> {
  for (let look = 0; look < MAKER_LOOKS; look += 1) {
    const server = await onlyServer(client, projectId, name);
    if (server !== null) return server;
    await sleep(MAKER_PAUSE_MS);
  }
  return null;
}

function isConflict(error: unknown): boolean {
  return error instanceof ProviderFault && error.kind === "Conflict";
}

const NO_HOST = /No valid host was found|Exceeded maximum number of retries/;

/** The next step towards the wanted size; what is on its way already is left alone. */
async function converge(
  client: Client,
  project: WireProject,
  server: WireServer,
  spec: InstanceSpec,
): Promise<ObservedInstance> {
  const seen = toInstance(server);
  if (seen.state === "error" && NO_HOST.test(seen.message ?? "")) {
    // Accepted and then not placed: out of the way, so that a repeat may find room.
    await deleteServer(client, server.id);
    await releasePort(client, project.id, server.name);
    throw new ProviderFault("Capacity", `no host has room for ${server.name}`, {
      vendorCode: "NoValidHost",
      cause: { server: server.id, fault: seen.message },
    });
  }
  if (seen.state === "pending") {
    // Nova calls it invalid to confirm what it is confirming already.
    await unless(["Conflict", "Invalid"], act(client, server.id, { confirmResize: null }));
    return seen;
  }
  const settled = seen.state === "active" || seen.state === "stopped";
  const { vcpus, ram, disk } = server.flavor;
  const same = vcpus === spec.vcpu && ram === toMib(spec.memoryGiB) && disk === spec.diskGiB;
  if (!settled || same) return seen;
  if (spec.diskGiB < disk) {
    throw new ProviderFault("Invalid", `the disk of ${server.name} cannot shrink: remove the instance first`);
  }
  await act(client, server.id, { resize: { flavorRef: await ensureFlavor(client, spec) } });
  return { ...seen, state: "creating" };
}
