import { ProviderFault } from "../faults.ts";
import type { CallOptions, CloudProvider, ProviderQuantities } from "../port.ts";
import { discoverCapacity } from "./capacity.ts";
import { clientOf, type Wiring } from "./client.ts";
import type { OpenstackConnection } from "./connection.ts";
import { type Features, OPENSTACK_SUPPORTS, probe, readFeatures } from "./features.ts";
import { listImages } from "./images.ts";
import { ensureInstance, type InstanceCloud, removeInstance } from "./instances.ts";
import { isApart, readNetworks } from "./networks.ts";
import { projectNamed } from "./projects.ts";
import { readQuotaUsage } from "./quotas.ts";
import { removeTenancy } from "./removal.ts";
import { pageOfServers, serversOf } from "./servers.ts";
import { openSession, type SignIn } from "./session.ts";
import { adoptTenancy, type Cloud, ensureTenancy, getTenancy, listTenancies } from "./tenancies.ts";
import { issueCredential } from "./tenant.ts";
import { tenantSessions } from "./tenant-sessions.ts";
import { toImage } from "./translate.ts";
import { transportOf } from "./transport.ts";

/** An OpenStack cloud. Opens no connection until it is called. */
export function openstackProvider(connection: OpenstackConnection): CloudProvider {
  const transport = transportOf(connection);
  const wiring: Wiring = { transport, connection, computeVersion: null };
  const session = openSession(transport, connection.authUrl, signInOf(connection));
  const tenants = tenantSessions(wiring);
  let features: Features | null = null;

  const cloudFor = async (options: CallOptions | undefined): Promise<InstanceCloud> => {
    const client = clientOf(wiring, session, options);
    features ??= await readFeatures(client);
    const tenant = tenants.clients(client, options);
    return { client, connection, features, tenant };
  };

  return {
    kind: "openstack",
    supports: OPENSTACK_SUPPORTS,
    async probe(options) {
      const client = clientOf(wiring, session, options);
      // Looked at anew: a service may have been added since.
      features = await readFeatures(client);
      return probe(client, features, () => wiring.computeVersion);
    },
    discoverCapacity: async (options) => discoverCapacity((await cloudFor(options)).client, connection.zones),
    ensureTenancy: async (spec, _clientToken, options) => ensureTenancy(await cloudFor(options), spec),
    adoptTenancy: async (name, ownership, options) => adoptTenancy(await cloudFor(options), name, ownership),
    getTenancy: async (name, options) => getTenancy(await cloudFor(options), name),
    removeTenancy: async (name, options) => removeTenancy(await cloudFor(options), name),
    async wipeReceipt() {
      throw new ProviderFault("Invalid", "OpenStack keeps no proof of wiping", { vendorCode: "unsupported" });
    },
    async issueAccess(tenancy, lifetimeSeconds, clientToken, options) {
      const cloud = await cloudFor(options);
      const project = await projectNamed(cloud.client, connection.domainId, tenancy);
      return issueCredential(cloud.tenant(project), connection, clientToken, lifetimeSeconds);
    },
    ensureInstance: async (tenancy, spec, clientToken, options) =>
      ensureInstance(await cloudFor(options), tenancy, spec, clientToken),
    removeInstance: async (tenancy, name, options) => removeInstance(await cloudFor(options), tenancy, name),
    listTenancies: async (options) => listTenancies(await cloudFor(options), options),
    async listInstances(tenancy, options) {
      const { client } = await cloudFor(options);
      const project = await projectNamed(client, connection.domainId, tenancy);
      return pageOfServers(client, project.id, options);
    },
    async listNetworks(tenancy, options) {
      const { client } = await cloudFor(options);
      const project = await projectNamed(client, connection.domainId, tenancy);
      const { networks } = await readNetworks(client, project.id);
      const { isolated } = await getTenancy(await cloudFor(options), tenancy);
      return networks.map((network) => ({
        ref: network.id,
        tenancyRef: project.id,
        name: network.name,
        // Security groups stand before every network of the project.
        isolated: isolated && isApart(network),
      }));
    },
    listImages: async (options) => (await listImages((await cloudFor(options)).client)).map(toImage),
    readUsage: async (tenancy, options) => readUsage(await cloudFor(options), tenancy),
  };
}

async function readUsage(
  { client, connection, features }: Cloud,
  tenancy: string,
): Promise<ProviderQuantities> {
  const project = await projectNamed(client, connection.domainId, tenancy);
  const used = await readQuotaUsage(client, project.id, features);
  if (features.volumes) return used;
  // Without a volume service the disks are those of the servers.
  const disks = (await serversOf(client, project.id)).reduce((total, { flavor }) => total + flavor.disk, 0);
  return disks === 0 ? used : { ...used, BLOCK_STORAGE_GIB: disks };
}

function signInOf({ credential }: OpenstackConnection): SignIn {
  if (credential.kind === "application-credential") {
    const { id, secret } = credential;
    return { identity: { methods: ["application_credential"], application_credential: { id, secret } } };
  }
  const user = {
    name: credential.username,
    domain: { name: credential.userDomain },
    password: credential.password,
  };
  const project = { name: credential.project, domain: { name: credential.projectDomain } };
  return { identity: { methods: ["password"], password: { user } }, scope: { project } };
}
