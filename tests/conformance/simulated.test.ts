import { simulatedKind } from "../../providers/simulated/emulator.ts";
import { simulatedProvider } from "../../providers/simulated/provider.ts";

import { served } from "../support/emulation.ts";
import { providerConformance } from "./provider.ts";
import type { ConformanceTarget, FaultScript, FaultyCall, Tampering } from "./target.ts";

const TOKEN = "conformance-token";
const WRONG_TOKEN = "token-of-an-intruder";
const CLOUD = "gd-provincial";

interface SimulatedTarget extends ConformanceTarget {
  readonly admin: (method: string, path: string, body?: unknown) => Promise<void>;
}

providerConformance<SimulatedTarget>({
  name: "simulated",
  supports: {
    enforcedQuota: ["VCPU", "MEMORY_GIB", "BLOCK_STORAGE_GIB"],
    suspend: true,
    discoverCapacity: true,
    instances: true,
    resize: true,
    wipeReceipt: true,
    issueAccess: false,
  },
  make: startTarget,
  faults: faultScript,
  tampering,
});

async function startTarget(): Promise<SimulatedTarget> {
  const plenty = { MEMORY_GIB: 1_048_576, BLOCK_STORAGE_GIB: 1_048_576 };
  const kind = simulatedKind({
    token: TOKEN,
    dataDir: null,
    delayMs: { min: 10, max: 30 },
    clock: { now: () => new Date() },
    clouds: [
      {
        id: CLOUD,
        pools: [
          { name: "ext-kunpeng", architecture: "kunpeng", total: { VCPU: 100_000, ...plenty } },
          { name: "narrow", architecture: "kunpeng", total: { VCPU: 4, ...plenty } },
        ],
      },
    ],
  });
  const server = await served(kind);
  const connection = { url: server.url, token: TOKEN, cloud: CLOUD };
  return {
    provider: simulatedProvider(connection),
    other: simulatedProvider(connection),
    intruder: simulatedProvider({ ...connection, token: WRONG_TOKEN }),
    dead: simulatedProvider({ ...connection, url: "http://127.0.0.1:1" }),
    secrets: [TOKEN, WRONG_TOKEN],
    prefix: "cf",
    pool: "ext-kunpeng",
    narrowPool: { name: "narrow", vcpu: 4 },
    image: "kylin-v10-sp3",
    architecture: "kunpeng",
    close: () => server.close(),
    admin: (method, path, body) => server.admin(method, `${CLOUD}${path}`, body),
  };
}

const MATCHES: Readonly<Record<FaultyCall, { method?: string; pathPrefix?: string }>> = {
  any: {},
  "create-tenancy": { method: "POST", pathPrefix: "/tenancies" },
  "create-instance": { method: "POST", pathPrefix: "/tenancies/" },
  "remove-tenancy": { method: "DELETE", pathPrefix: "/tenancies/" },
  "list-tenancies": { method: "GET", pathPrefix: "/tenancies" },
};

function faultScript({ admin }: SimulatedTarget): FaultScript {
  return {
    inject: (fault, call, count) => admin("POST", "/faults", { fault, match: MATCHES[call], count }),
    clear: () => admin("DELETE", "/faults"),
  };
}

function tampering({ admin }: SimulatedTarget): Tampering {
  return {
    setQuota: (tenancy, quota) => admin("PATCH", `/tenancies/${tenancy}`, { quota }),
    openNetwork: (tenancy) => admin("PATCH", `/tenancies/${tenancy}`, { ingress: "allow" }),
    destroyTenancy: (tenancy) => admin("DELETE", `/tenancies/${tenancy}`),
    destroyInstance: (tenancy, instance) => admin("DELETE", `/tenancies/${tenancy}/instances/${instance}`),
    createForeign: (name) => admin("POST", "/tenancies", { name, pool: "ext-kunpeng" }),
  };
}
