import { z } from "zod";
import { isNotFound, ProviderFault } from "../faults.ts";
import type {
  CallOptions,
  CloudProvider,
  InstanceSpec,
  ObservedInstance,
  ObservedTenancy,
  Page,
  PageOptions,
  Supports,
  TenancySpec,
} from "../port.ts";
import { type Send, sender } from "./call.ts";
import type { SimulatedConnection } from "./connection.ts";
import {
  fromInstance,
  fromTenancy,
  sameOwner,
  sameSize,
  tenancyPatch,
  toInstance,
  toNetwork,
  toPool,
  toTenancy,
  WireImages,
  WireInstance,
  WireNetworks,
  WirePools,
  WireReceipt,
  WireTenancy,
  WireUsage,
  WireVersion,
  wirePage,
} from "./translate.ts";

const SIMULATED_SUPPORTS: Supports = {
  // An absent class of a quota is zero there, so every class is enforced that instances use.
  enforcedQuota: ["VCPU", "MEMORY_GIB", "BLOCK_STORAGE_GIB"],
  suspend: true,
  discoverCapacity: true,
  instances: true,
  resize: true,
  wipeReceipt: true,
  issueAccess: false,
};

/** A cloud of the simulated kind, over its HTTP API. Opens no connection until it is called. */
export function simulatedProvider(connection: SimulatedConnection): CloudProvider {
  const send = sender(connection);
  return {
    kind: "simulated",
    supports: SIMULATED_SUPPORTS,
    async probe(options) {
      const { version } = await send({ method: "GET", path: ["version"] }, WireVersion, options);
      return { version, supports: SIMULATED_SUPPORTS };
    },
    async discoverCapacity(options) {
      const { pools } = await send({ method: "GET", path: ["pools"] }, WirePools, options);
      return pools.map(toPool);
    },
    ensureTenancy: (spec, clientToken, options) => ensureTenancy(send, spec, clientToken, options),
    async adoptTenancy(name, ownership, options) {
      const path = ["tenancies", name, "ownership"];
      return toTenancy(await send({ method: "PUT", path, body: ownership }, WireTenancy, options));
    },
    getTenancy: async (name, options) => toTenancy(await readTenancy(send, name, options)),
    async removeTenancy(name, options) {
      await send({ method: "DELETE", path: ["tenancies", name] }, z.unknown(), options);
    },
    async wipeReceipt(name, options) {
      const wire = await send({ method: "GET", path: ["wipe-receipts", name] }, WireReceipt, options);
      return { tenancyName: wire.tenancy, volumesWiped: wire.volumesWiped, wipedAt: wire.wipedAt };
    },
    async issueAccess() {
      throw new ProviderFault("Invalid", "simulated clouds let nobody in", { vendorCode: "unsupported" });
    },
    ensureInstance: (tenancy, spec, clientToken, options) =>
      ensureInstance(send, tenancy, spec, clientToken, options),
    async removeInstance(tenancy, name, options) {
      const path = ["tenancies", tenancy, "instances", name];
      await send({ method: "DELETE", path }, z.unknown(), options);
    },
    listTenancies: async (options) =>
      mapPage(await readPage(send, ["tenancies"], WireTenancy, options), toTenancy),
    listInstances: async (tenancy, options) =>
      mapPage(await readPage(send, ["tenancies", tenancy, "instances"], WireInstance, options), toInstance),
    async listNetworks(tenancy, options) {
      const path = ["tenancies", tenancy, "networks"];
      const { networks } = await send({ method: "GET", path }, WireNetworks, options);
      return networks.map(toNetwork);
    },
    listImages: async (options) =>
      (await send({ method: "GET", path: ["images"] }, WireImages, options)).images,
    readUsage: async (tenancy, options) =>
      (await send({ method: "GET", path: ["tenancies", tenancy, "usage"] }, WireUsage, options)).used,
  };
}

async function ensureTenancy(
  send: Send,
  spec: TenancySpec,
  clientToken: string,
  options: CallOptions | undefined,
): Promise<ObservedTenancy> {
  const read = () => readTenancy(send, spec.name, options);
  const create = () =>
    send({ method: "POST", path: ["tenancies"], body: fromTenancy(spec), clientToken }, WireTenancy, options);
  const wire = await readOrCreate(read, create);
  assertOurs(wire, spec, "tenancy");
  if (wire.pool !== spec.pool) {
    throw new ProviderFault("Conflict", `tenancy ${spec.name} is in pool ${wire.pool} and cannot move`);
  }
  const patch = tenancyPatch(wire, spec);
  if (patch === null) return toTenancy(wire);
  const path = ["tenancies", spec.name];
  return toTenancy(await send({ method: "PATCH", path, body: patch }, WireTenancy, options));
}

async function ensureInstance(
  send: Send,
  tenancy: string,
  spec: InstanceSpec,
  clientToken: string,
  options: CallOptions | undefined,
): Promise<ObservedInstance> {
  const path = ["tenancies", tenancy, "instances"];
  const read = () => send({ method: "GET", path: [...path, spec.name] }, WireInstance, options);
  const create = () =>
    send({ method: "POST", path, body: fromInstance(spec), clientToken }, WireInstance, options);
  const wire = await readOrCreate(read, create);
  assertOurs(wire, spec, "instance");
  if (wire.image !== spec.image) {
    throw new ProviderFault("Conflict", `instance ${spec.name} runs ${wire.image}; remove it first`);
  }
  if (sameSize(wire, spec)) return toInstance(wire);
  const { vcpu, memoryGiB, diskGiB } = spec;
  const body = { vcpu, memoryGiB, diskGiB };
  return toInstance(await send({ method: "PATCH", path: [...path, spec.name], body }, WireInstance, options));
}

/** When somebody else creates it between the two calls, theirs is the one. */
async function readOrCreate<Wire>(read: () => Promise<Wire>, create: () => Promise<Wire>): Promise<Wire> {
  try {
    return await read();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  try {
    return await create();
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.vendorCode !== "name_taken") throw error;
    return await read();
  }
}

function assertOurs(
  wire: Pick<WireTenancy, "name" | "ownership"> & { readonly state: string },
  spec: TenancySpec | InstanceSpec,
  noun: string,
): void {
  if (!sameOwner(wire.ownership, spec.ownership)) {
    throw new ProviderFault("Conflict", `${noun} ${wire.name} belongs to somebody else`, {
      cause: { ownership: wire.ownership },
      vendorCode: "foreign_owner",
    });
  }
  if (wire.state === "removing") {
    throw new ProviderFault("Conflict", `${noun} ${wire.name} is being removed`, { vendorCode: "removing" });
  }
}

function readTenancy(send: Send, name: string, options: CallOptions | undefined): Promise<WireTenancy> {
  return send({ method: "GET", path: ["tenancies", name] }, WireTenancy, options);
}

async function readPage<Item extends z.ZodType>(
  send: Send,
  path: readonly string[],
  item: Item,
  options: PageOptions | undefined,
): Promise<Page<z.output<Item>>> {
  const query = { after: options?.after, limit: options?.limit };
  const page = await send({ method: "GET", path, query }, wirePage(item), options);
  // Half a list would make the missing half look deleted.
  if (page.partial) {
    throw new ProviderFault("Unavailable", "the cloud listed only a part", { vendorCode: "partial_list" });
  }
  return { items: page.items, next: page.next };
}

function mapPage<From, To>(page: Page<From>, translate: (item: From) => To): Page<To> {
  return { items: page.items.map(translate), next: page.next };
}
