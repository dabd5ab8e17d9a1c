import { Ec2Connection } from "../../providers/ec2/connection.ts";
import { ec2Kind } from "../../providers/ec2/emulator.ts";
import { ec2Provider } from "../../providers/ec2/provider.ts";
import { EC2_SUPPORTS } from "../../providers/ec2/supports.ts";
import { served } from "../support/emulation.ts";
import { ec2Tampering } from "./ec2-tampering.ts";
import { providerConformance } from "./provider.ts";
import type { ConformanceTarget, FaultScript, FaultyCall } from "./target.ts";

const CLOUD = "gd-provincial";
const ROLE = { arn: "arn:aws-cn:iam::210987654321:role/yunheng" };
const KEYS = { accessKeyId: "AKIACONFORMANCE", secretAccessKey: "conformance-secret-key" };
const WRONG_KEY = "secret-key-of-an-intruder";
const PLENTY = { MEMORY_GIB: 1_048_576, BLOCK_STORAGE_GIB: 1_048_576 };
const ZONES = [
  { name: "cn-north-1a", total: { VCPU: 100_000, ...PLENTY } },
  { name: "cn-north-1b", total: { VCPU: 2, ...PLENTY } },
];

interface Ec2Target extends ConformanceTarget {
  readonly url: string;
  readonly connection: (endpoint: string) => Ec2Connection;
  readonly admin: (method: string, path: string, body?: unknown) => Promise<void>;
}

providerConformance<Ec2Target>({
  name: "ec2",
  supports: EC2_SUPPORTS,
  make: startTarget,
  faults: faultScript,
  tampering: ({ url, connection }) => ec2Tampering(connection(endpointAt(url))),
  ways: ({ url, connection }) => ({
    url: endpointAt(url),
    connect: (way) =>
      ec2Provider({
        ...connection(way.url),
        ...(way.ca === undefined ? {} : { caCertificate: way.ca }),
        ...(way.proxy === undefined ? {} : { proxy: way.proxy }),
      }),
  }),
  expireTokens: ({ admin }) => admin("DELETE", "/sessions"),
});

function endpointAt(url: string): string {
  return `${url}/ec2/${CLOUD}`;
}

async function startTarget(): Promise<Ec2Target> {
  const server = await served(
    ec2Kind({
      keys: KEYS,
      dataDir: null,
      delayMs: { min: 10, max: 30 },
      clock: { now: () => new Date() },
      clouds: { [CLOUD]: { zones: ZONES } },
    }),
  );
  const connection = (endpoint: string) =>
    Ec2Connection.parse({
      endpoint,
      region: "cn-north-1",
      ...KEYS,
      role: ROLE,
      accessRole: ROLE,
      pools: {
        "ext-kunpeng": poolIn(ZONES[0]),
        narrow: poolIn(ZONES[1]),
      },
      settleMs: 40,
    });
  const here = connection(endpointAt(server.url));
  return {
    provider: ec2Provider(here),
    other: ec2Provider(here),
    intruder: ec2Provider({ ...here, secretAccessKey: WRONG_KEY }),
    dead: ec2Provider({ ...here, endpoint: "http://127.0.0.1:1" }),
    secrets: [KEYS.accessKeyId, KEYS.secretAccessKey, WRONG_KEY],
    prefix: "cf",
    pool: "ext-kunpeng",
    narrowPool: { name: "narrow", vcpu: 2 },
    image: "kylin-v10-sp3",
    architecture: "kunpeng",
    close: () => server.close(),
    url: server.url,
    connection,
    admin: (method, path, body) => server.admin(method, `${CLOUD}${path}`, body),
  };
}

function poolIn(zone: (typeof ZONES)[number] | undefined) {
  return { availabilityZones: [zone?.name], architecture: "arm64", total: zone?.total };
}

const MATCHES: Readonly<Record<FaultyCall, { pathPrefix?: string }>> = {
  any: {},
  "create-tenancy": { pathPrefix: "/CreateVpc/" },
  "create-instance": { pathPrefix: "/RunInstances/" },
  "remove-tenancy": { pathPrefix: "/DeleteVpc/" },
  "list-tenancies": { pathPrefix: "/DescribeVpcs/all" },
};

function faultScript({ admin }: Ec2Target): FaultScript {
  return {
    inject: (fault, call, count) => admin("POST", "/faults", { fault, match: MATCHES[call], count }),
    clear: () => admin("DELETE", "/faults"),
  };
}
