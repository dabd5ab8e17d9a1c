import { openstackKind } from "../../providers/openstack/emulator.ts";
import { openstackProvider } from "../../providers/openstack/provider.ts";
import { served } from "../support/emulation.ts";
import { type Hands, openstackHands } from "../support/openstack-hands.ts";
import { connectionOf, openstackTampering } from "./openstack-target.ts";
import { providerConformance } from "./provider.ts";
import type { ConformanceTarget, FaultScript, FaultyCall } from "./target.ts";

const PASSWORD = "conformance-password";
const WRONG = "password-of-an-intruder";
const CLOUD = "gd-provincial";

interface EmulatedTarget extends ConformanceTarget {
  readonly url: string;
  readonly hands: Hands;
  readonly admin: (method: string, path: string, body?: unknown) => Promise<void>;
}

providerConformance<EmulatedTarget>({
  name: "openstack, emulated",
  supports: {
    enforcedQuota: ["VCPU", "MEMORY_GIB", "BLOCK_STORAGE_GIB", "PUBLIC_IPV4"],
    suspend: true,
    discoverCapacity: true,
    instances: true,
    resize: true,
    wipeReceipt: false,
    issueAccess: true,
  },
  make: startTarget,
  faults: faultScript,
  tampering: ({ hands }) => openstackTampering(hands),
  ways: ({ url }) => ({ url, connect: (way) => openstackProvider(connectionOf(loginAt(url), way)) }),
  expireTokens: ({ admin }) => admin("DELETE", "/tokens"),
});

function loginAt(url: string) {
  return {
    authUrl: url,
    username: "admin",
    password: PASSWORD,
    project: "admin",
    userDomain: "Default",
    projectDomain: "Default",
    region: "RegionOne",
  };
}

async function startTarget(): Promise<EmulatedTarget> {
  const plenty = { MEMORY_GIB: 1_048_576, BLOCK_STORAGE_GIB: 1_048_576 };
  const kind = openstackKind({
    password: PASSWORD,
    dataDir: null,
    delayMs: { min: 10, max: 30 },
    clock: { now: () => new Date() },
    onDefect: (error) => {
      throw error;
    },
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
  const url = `${server.url}/openstack/${CLOUD}/identity/v3`;
  const login = loginAt(url);
  return {
    provider: openstackProvider(connectionOf(login)),
    other: openstackProvider(connectionOf(login)),
    intruder: openstackProvider(connectionOf({ ...login, password: WRONG })),
    dead: openstackProvider(connectionOf(login, { url: "http://127.0.0.1:1/v3" })),
    secrets: [PASSWORD, WRONG],
    prefix: "cf",
    pool: "ext-kunpeng",
    narrowPool: { name: "narrow", vcpu: 4 },
    image: "kylin-v10-sp3",
    architecture: "kunpeng",
    url,
    hands: await openstackHands(login),
    close: () => server.close(),
    admin: (method, path, body) => server.admin(method, `${CLOUD}${path}`, body),
  };
}

const MATCHES: Readonly<Record<FaultyCall, { method?: string; pathPrefix?: string }>> = {
  any: {},
  "create-tenancy": { method: "POST", pathPrefix: "/identity/v3/projects" },
  "create-instance": { method: "POST", pathPrefix: "/compute/v2.1/servers" },
  "remove-tenancy": { method: "DELETE", pathPrefix: "/identity/v3/projects/" },
  "list-tenancies": { method: "GET", pathPrefix: "/identity/v3/projects" },
};

function faultScript({ admin }: EmulatedTarget): FaultScript {
  return {
    inject: (fault, call, count) => admin("POST", "/faults", { fault, match: MATCHES[call], count }),
    clear: () => admin("DELETE", "/faults"),
  };
}
