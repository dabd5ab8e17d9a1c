import { ProviderFault } from "../faults.ts";
import type { CloudProvider } from "../port.ts";
import { issueAccess } from "./access.ts";
import { adoptTenancy } from "./adoption.ts";
import { discoverCapacity } from "./capacity.ts";
import { sender } from "./client.ts";
import type { Cloud } from "./cloud.ts";
import type { Ec2Connection } from "./connection.ts";
import { roleAssumer } from "./credentials.ts";
import { listImages } from "./images.ts";
import { ensureInstance, removeInstance } from "./instance.ts";
import { listInstances, readUsage } from "./instances.ts";
import { probe } from "./probe.ts";
import { removeTenancy } from "./removal.ts";
import { findVpc, getTenancy, listTenancies, siteOf } from "./site.ts";
import { sizesOf } from "./sizes.ts";
import { EC2_SUPPORTS } from "./supports.ts";
import { ensureTenancy } from "./tenancy.ts";
import { toNetworks } from "./translate.ts";
import { requestHandler } from "./transport.ts";

/** The adapter's methods, with the client they need. */
export function ec2Adapter(connection: Ec2Connection): Omit<CloudProvider, "kind" | "supports"> {
  const handler = requestHandler(connection);
  const send = sender(connection, handler);
  const cloud: Cloud = { connection, send, sizes: sizesOf(send) };
  const { accessRole } = connection;
  const assume = accessRole === undefined ? null : roleAssumer(connection, accessRole.endpoint, handler);
  return {
    probe: (options) => probe(cloud, EC2_SUPPORTS, options),
    discoverCapacity: (options) => discoverCapacity(cloud, options),
    ensureTenancy: (spec, clientToken, options) => ensureTenancy(cloud, spec, clientToken, options),
    adoptTenancy: (name, ownership, options) => adoptTenancy(cloud, name, ownership, options),
    getTenancy: (name, options) => getTenancy(cloud, name, options),
    removeTenancy: (name, options) => removeTenancy(cloud, name, options),
    wipeReceipt: () =>
      Promise.reject(
        new ProviderFault("Invalid", "EC2 keeps no record of what it has wiped", {
          vendorCode: "unsupported",
        }),
      ),
    issueAccess: (tenancy, lifetimeSeconds, clientToken, options) =>
      issueAccess(cloud, assume, tenancy, lifetimeSeconds, clientToken, options),
    ensureInstance: (tenancy, spec, clientToken, options) =>
      ensureInstance(cloud, tenancy, spec, clientToken, options),
    removeInstance: (tenancy, name, options) => removeInstance(cloud, tenancy, name, options),
    listTenancies: (options) => listTenancies(cloud, options),
    listInstances: (tenancy, options) => listInstances(cloud, tenancy, options),
    async listNetworks(tenancy, options) {
      return toNetworks(await siteOf(cloud, await findVpc(cloud, tenancy, options), options));
    },
    listImages: (options) => listImages(cloud, options),
    readUsage: (tenancy, options) => readUsage(cloud, tenancy, options),
  };
}
