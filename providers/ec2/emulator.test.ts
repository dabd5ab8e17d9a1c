import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateTagsCommand,
  DescribeInstancesCommand,
  DescribeVpcsCommand,
  EC2Client,
  RunInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { afterEach, expect, test } from "vitest";
import { type Served, served } from "../../tests/support/emulation.ts";
import type { InstanceSpec, TenancySpec } from "../port.ts";
import { Ec2Connection } from "./connection.ts";
import { type Ec2Options, ec2Kind } from "./emulator.ts";
import { ec2Provider } from "./provider.ts";

const KEYS = { accessKeyId: "AKIATEST", secretAccessKey: "test-secret" };
const ROLE = { arn: "arn:aws-cn:iam::210987654321:role/department" };
const ownership = { installation: "gd", tenancyId: "ten_1", placementId: "plc_1", organizationId: "org" };
const SPEC: TenancySpec = {
  ownership,
  name: "plc-1",
  displayName: "Test（测试）",
  pool: "ext",
  zone: "extranet",
  quota: { VCPU: 16 },
  accessGroup: "org",
  suspended: false,
};
const INSTANCE: InstanceSpec = {
  ownership,
  name: "app-1",
  vcpu: 2,
  memoryGiB: 4,
  diskGiB: 20,
  image: "kylin-v10-sp3",
  architecture: "kunpeng",
};

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function started(options: Partial<Ec2Options> = {}, cloud: object = {}) {
  const kind = ec2Kind({
    keys: KEYS,
    dataDir: null,
    delayMs: { min: 0, max: 0 },
    clock: { now: () => new Date() },
    clouds: { gd: { zones: [{ name: "a", total: {} }], ...cloud } },
    ...options,
  });
  const emulator = await served(kind);
  ends.push(() => emulator.close());
  return emulator;
}

function connectionTo(emulator: Served, changes: object = {}): Ec2Connection {
  return Ec2Connection.parse({
    endpoint: `${emulator.url}/ec2/gd`,
    region: "cn-north-1",
    ...KEYS,
    pools: { ext: { availabilityZones: ["a"], architecture: "arm64", total: { VCPU: 64 } } },
    settleMs: 0,
    ...changes,
  });
}

function clientOf(emulator: Served, credentials: EC2Client["config"]["credentials"] | object = { ...KEYS }) {
  const endpoint = `${emulator.url}/ec2/gd`;
  const client = new EC2Client({
    endpoint,
    region: "cn-north-1",
    credentials: credentials as typeof KEYS,
    maxAttempts: 1,
  });
  ends.push(async () => client.destroy());
  return client;
}

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "none",
    (error: unknown) => (error instanceof Error ? Reflect.get(error, "Code") : error),
  );

test("keeps what it has done in its folder, over a restart", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "ec2-emulator-"));
  ends.push(async () => rmSync(dataDir, { recursive: true }));
  const before = await started({ dataDir });
  const provider = ec2Provider(connectionTo(before));
  const { ref } = await provider.ensureTenancy(SPEC, "t");
  await provider.ensureInstance("plc-1", INSTANCE, "t");
  await ends.pop()?.();
  const after = ec2Provider(connectionTo(await started({ dataDir, clouds: {} })));
  expect(await after.getTenancy("plc-1")).toMatchObject({ ref, ownership, quota: { VCPU: 16 } });
  expect((await after.listInstances("plc-1")).items).toHaveLength(1);
});

test("a clock that is wrong is corrected by the adapter, and by it alone", async () => {
  const ahead = await started({ clock: { now: () => new Date(Date.now() + 3_600_000) } });
  expect(await codeOf(clientOf(ahead).send(new DescribeVpcsCommand({})))).toBe("RequestExpired");
  expect((await ec2Provider(connectionTo(ahead)).probe()).version).toContain("EC2");
});

test("a request that was changed on its way is refused", async () => {
  const emulator = await started();
  const client = clientOf(emulator);
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body?: string };
      request.body = request.body?.replace("DescribeVpcs", "DescribeVpcz") ?? "";
      return next(args);
    },
    // After the signature has been made.
    { step: "finalizeRequest", priority: "low" },
  );
  expect(await codeOf(client.send(new DescribeVpcsCommand({})))).toBe("AuthFailure");
});

test("what a department is lent reaches its own machines and no others", async () => {
  const emulator = await started();
  const provider = ec2Provider(connectionTo(emulator, { accessRole: ROLE }));
  const neighbour = {
    ...SPEC,
    name: "plc-2",
    ownership: { ...ownership, placementId: "plc_2" },
  };
  await provider.ensureTenancy(SPEC, "t");
  await provider.ensureTenancy(neighbour, "t");
  const own = await provider.ensureInstance("plc-1", INSTANCE, "t");
  const other = await provider.ensureInstance("plc-2", { ...INSTANCE, ownership: neighbour.ownership }, "t");
  const { variables } = await provider.issueAccess("plc-1", 900, "t");
  const department = clientOf(emulator, {
    accessKeyId: variables.AWS_ACCESS_KEY_ID,
    secretAccessKey: variables.AWS_SECRET_ACCESS_KEY,
    sessionToken: variables.AWS_SESSION_TOKEN,
  });
  const stop = (id: string) => department.send(new StopInstancesCommand({ InstanceIds: [id] }));
  await department.send(new DescribeInstancesCommand({}));
  expect(await codeOf(stop(own.ref))).toBe("none");
  expect(await codeOf(stop(other.ref))).toBe("UnauthorizedOperation");
  const more = new RunInstancesCommand({ ImageId: "ami-1", MinCount: 1, MaxCount: 1 });
  expect(await codeOf(department.send(more))).toBe("UnauthorizedOperation");
  const Tags = [{ Key: "yunheng:placement", Value: "plc_1" }];
  const seize = new CreateTagsCommand({ Resources: [other.ref], Tags });
  expect(await codeOf(department.send(seize))).toBe("UnauthorizedOperation");
});

test("limits of the account are Capacity, and bound what a pool is said to hold", async () => {
  const emulator = await started({}, { instancesMax: 1, vpcsMax: 1 });
  const provider = ec2Provider(
    connectionTo(emulator, {
      pools: { ext: { availabilityZones: ["a"], architecture: "arm64", total: { VCPU: 900, DISK: 7 } } },
    }),
  );
  await provider.ensureTenancy(SPEC, "t");
  await provider.ensureInstance("plc-1", INSTANCE, "t");
  const second = { ...SPEC, name: "plc-2", ownership: { ...ownership, placementId: "plc_2" } };
  await expect(provider.ensureTenancy(second, "t")).rejects.toMatchObject({ kind: "Capacity" });
  const another = provider.ensureInstance("plc-1", { ...INSTANCE, name: "app-2" }, "t");
  await expect(another).rejects.toMatchObject({ kind: "Capacity", vendorCode: "InstanceLimitExceeded" });
  const [pool] = await provider.discoverCapacity();
  // The largest type has 64 vCPU.
  expect(pool).toMatchObject({ total: { VCPU: 64, DISK: 7 }, used: { VCPU: 2, MEMORY_GIB: 4 } });
});

test("a zone that the connection names and the cloud has not is found by the probe", async () => {
  const pools = { ext: { availabilityZones: ["z"], architecture: "arm64", total: {} } };
  const provider = ec2Provider(connectionTo(await started(), { pools }));
  await expect(provider.probe()).rejects.toMatchObject({ kind: "Invalid", vendorCode: "no_such_zone" });
});
