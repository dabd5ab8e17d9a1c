import type { CloudProvider } from "../port.ts";
import type { Ec2Connection } from "./connection.ts";
import { EC2_SUPPORTS } from "./supports.ts";

type Adapter = Omit<CloudProvider, "kind" | "supports">;

/**
 * An EC2-compatible cloud, over its Query API. The vendor's client is large, so it is loaded by the first
 * call: a command that asks no cloud need not wait for it.
 */
export function ec2Provider(connection: Ec2Connection): CloudProvider {
  let loading: Promise<Adapter> | undefined;
  const adapter = (): Promise<Adapter> => {
    loading ??= import("./adapter.ts").then(({ ec2Adapter }) => ec2Adapter(connection));
    return loading;
  };
  return {
    kind: "ec2",
    supports: EC2_SUPPORTS,
    probe: async (...given) => (await adapter()).probe(...given),
    discoverCapacity: async (...given) => (await adapter()).discoverCapacity(...given),
    ensureTenancy: async (...given) => (await adapter()).ensureTenancy(...given),
    adoptTenancy: async (...given) => (await adapter()).adoptTenancy(...given),
    getTenancy: async (...given) => (await adapter()).getTenancy(...given),
    removeTenancy: async (...given) => (await adapter()).removeTenancy(...given),
    wipeReceipt: async (...given) => (await adapter()).wipeReceipt(...given),
    issueAccess: async (...given) => (await adapter()).issueAccess(...given),
    ensureInstance: async (...given) => (await adapter()).ensureInstance(...given),
    removeInstance: async (...given) => (await adapter()).removeInstance(...given),
    listTenancies: async (...given) => (await adapter()).listTenancies(...given),
    listInstances: async (...given) => (await adapter()).listInstances(...given),
    listNetworks: async (...given) => (await adapter()).listNetworks(...given),
    listImages: async (...given) => (await adapter()).listImages(...given),
    readUsage: async (...given) => (await adapter()).readUsage(...given),
  };
}
