import { ProviderFault } from "../faults.ts";
import type { CloudProvider, Supports } from "../port.ts";
import { issueAccess } from "./access.ts";
import { adoptTenancy } from "./adopt-tenancy.ts";
import type { Cluster } from "./cluster.ts";
import type { KubernetesConnection } from "./connection.ts";
import { ensureInstance } from "./ensure-instance.ts";
import { ensureTenancy } from "./ensure-tenancy.ts";
import { listImages } from "./images.ts";
import { listInstances, readUsage, removeInstance } from "./instances.ts";
import { readCapacity } from "./pools.ts";
import { openSession, promised } from "./session.ts";
import { getTenancy, listNetworks, listTenancies, removeTenancy } from "./tenancies.ts";

const SUPPORTS: Supports = {
  enforcedQuota: ["VCPU", "MEMORY_GIB", "BLOCK_STORAGE_GIB", "PUBLIC_IPV4", "GPU"],
  suspend: true,
  discoverCapacity: true,
  instances: true,
  resize: true,
  wipeReceipt: false,
  issueAccess: true,
};

/** A Kubernetes cluster: tenancies are namespaces, instances deployments. Opens no connection until it is called. */
export function kubernetesProvider(connection: KubernetesConnection): CloudProvider {
  const session = openSession(connection);
  const cluster: Cluster = { session, connection };
  return {
    kind: "kubernetes",
    supports: SUPPORTS,
    async probe(options) {
      const { gitVersion } = await session.call(options, (config) => session.version.getCode({}, config));
      // The version is told to anybody: what the credentials are worth, a list shows.
      await session.call(options, (config) => session.core.listNamespace({ limit: 1 }, config));
      return { version: promised(gitVersion, "gitVersion"), supports: SUPPORTS };
    },
    discoverCapacity: (options) => readCapacity(session, connection, options),
    ensureTenancy: (spec, clientToken, options) => ensureTenancy({ cluster, spec, clientToken, options }),
    adoptTenancy: (name, ownership, options) => adoptTenancy(cluster, name, ownership, options),
    getTenancy: (name, options) => getTenancy(cluster, name, options),
    removeTenancy: (name, options) => removeTenancy(cluster, name, options),
    async wipeReceipt() {
      throw new ProviderFault("Invalid", "Kubernetes keeps no record of what it has wiped", {
        vendorCode: "unsupported",
      });
    },
    issueAccess: (tenancy, lifetimeSeconds, clientToken, options) =>
      issueAccess(cluster, tenancy, lifetimeSeconds, clientToken, options),
    ensureInstance: (tenancy, spec, clientToken, options) =>
      ensureInstance({ cluster, tenancy, spec, clientToken, options }),
    removeInstance: (tenancy, name, options) => removeInstance(cluster, tenancy, name, options),
    listTenancies: (options) => listTenancies(cluster, options),
    listInstances: (tenancy, options) => listInstances(cluster, tenancy, options),
    listNetworks: (tenancy, options) => listNetworks(cluster, tenancy, options),
    listImages: (options) => listImages(cluster, options),
    readUsage: (tenancy, options) => readUsage(cluster, tenancy, options),
  };
}
