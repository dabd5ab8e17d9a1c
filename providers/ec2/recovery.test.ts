import {
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Served, served } from "../../tests/support/emulation.ts";
import type { CloudProvider, InstanceSpec, TenancySpec } from "../port.ts";
import { Ec2Connection } from "./connection.ts";
import { ec2Kind } from "./emulator.ts";
import { ec2Provider } from "./provider.ts";

/** What an adapter finds that was ended between any two of its calls, or raced. */

const KEYS = { accessKeyId: "AKIATEST", secretAccessKey: "test-secret" };
let emulator: Served;
let client: EC2Client;
let provider: CloudProvider;
let made = 0;

beforeAll(async () => {
  const kind = ec2Kind({
    keys: KEYS,
    dataDir: null,
    delayMs: { min: 0, max: 0 },
    clock: { now: () => new Date() },
    clouds: { gd: { zones: [{ name: "a", total: {} }] } },
  });
  emulator = await served(kind);
  const endpoint = `${emulator.url}/ec2/gd`;
  const pools = { ext: { availabilityZones: ["a"], architecture: "arm64", total: {} } };
  client = new EC2Client({ endpoint, region: "cn-north-1", credentials: { ...KEYS }, maxAttempts: 1 });
  provider = ec2Provider(
    Ec2Connection.parse({ endpoint, region: "cn-north-1", ...KEYS, pools, settleMs: 0 }),
  );
});
afterAll(async () => {
  client.destroy();
  await emulator.close();
});

function fresh(): { spec: TenancySpec; instance: InstanceSpec } {
  made += 1;
  const ownership = {
    installation: "gd",
    tenancyId: `ten_${made}`,
    placementId: `plc_${made}`,
    organizationId: "org",
  };
  return {
    spec: {
      ownership,
      name: `plc-${made}`,
      displayName: "Test",
      pool: "ext",
      zone: "extranet",
      quota: { VCPU: 16 },
      accessGroup: "org",
      suspended: false,
    },
    instance: {
      ownership,
      name: "app-1",
      vcpu: 2,
      memoryGiB: 4,
      diskGiB: 20,
      image: "kylin-v10-sp3",
      architecture: "kunpeng",
    },
  };
}

/** As the adapter makes it, and nothing after that. */
async function bareVpc({ ownership, name, pool }: TenancySpec): Promise<string> {
  const Tags = Object.entries({
    Name: name,
    "yunheng:pool": pool,
    "yunheng:installation": ownership.installation,
    "yunheng:tenancy": ownership.tenancyId,
    "yunheng:placement": ownership.placementId,
    "yunheng:organization": ownership.organizationId,
  }).map(([Key, Value]) => ({ Key, Value }));
  const TagSpecifications = [{ ResourceType: "vpc" as const, Tags }];
  const { Vpc } = await client.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16", TagSpecifications }));
  return Vpc?.VpcId ?? "";
}

const vpcsNamed = async (name: string) => {
  const Filters = [{ Name: "tag:Name", Values: [name] }];
  const { Vpcs = [] } = await client.send(new DescribeVpcsCommand({ Filters }));
  return Vpcs.map(({ VpcId }) => VpcId);
};

test("a VPC that nobody has claimed yet is completed, not made again", async () => {
  const { spec } = fresh();
  const ref = await bareVpc(spec);
  expect(await provider.getTenancy(spec.name)).toMatchObject({ ref, state: "error" });
  expect(await provider.ensureTenancy(spec, "t")).toMatchObject({ ref, state: "active", isolated: true });
});

test("what a lost race has left behind is removed, and the claimed one stays", async () => {
  const { spec } = fresh();
  const { ref } = await provider.ensureTenancy(spec, "t");
  for (let extra = 0; extra < 3; extra += 1) await bareVpc(spec);
  expect((await provider.getTenancy(spec.name)).ref).toBe(ref);
  expect((await provider.ensureTenancy(spec, "t")).ref).toBe(ref);
  expect(await vpcsNamed(spec.name)).toEqual([ref]);
});

test("a subnet that somebody has deleted is an error, and made again", async () => {
  const { spec } = fresh();
  const { ref } = await provider.ensureTenancy(spec, "t");
  const Filters = [{ Name: "vpc-id", Values: [ref] }];
  const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({ Filters }));
  for (const { SubnetId } of Subnets) await client.send(new DeleteSubnetCommand({ SubnetId }));
  expect(await provider.getTenancy(spec.name)).toMatchObject({ state: "error", message: "it has no subnet" });
  expect(await provider.ensureTenancy(spec, "t")).toMatchObject({ ref, state: "active" });
});

test("removal takes its claim along, and a claim alone is nothing", async () => {
  const { spec } = fresh();
  await provider.ensureTenancy(spec, "t");
  await provider.removeTenancy(spec.name);
  await expect(provider.removeTenancy(spec.name)).rejects.toMatchObject({ kind: "NotFound" });
  const { LaunchTemplates = [] } = await client.send(new DescribeLaunchTemplatesCommand({}));
  const names = LaunchTemplates.map(({ LaunchTemplateName }) => LaunchTemplateName);
  expect(names).not.toContain(`yunheng-${spec.name}`);
});

test("an instance is launched anew after each one that was terminated, once for each", async () => {
  const { spec, instance } = fresh();
  await provider.ensureTenancy(spec, "t");
  const refs = new Set<string>();
  for (let round = 0; round < 4; round += 1) {
    const [one, two] = await Promise.all(
      ["a", "b"].map((token) => provider.ensureInstance(spec.name, instance, token)),
    );
    expect(two?.ref).toBe(one?.ref);
    refs.add(one?.ref ?? "");
    await client.send(new TerminateInstancesCommand({ InstanceIds: [one?.ref ?? ""] }));
    expect((await provider.listInstances(spec.name)).items).toEqual([]);
  }
  expect(refs.size).toBe(4);
});

test("another size under the token of a predecessor is launched all the same", async () => {
  const { spec, instance } = fresh();
  await provider.ensureTenancy(spec, "t");
  const { ref } = await provider.ensureInstance(spec.name, instance, "t");
  await client.send(new TerminateInstancesCommand({ InstanceIds: [ref] }));
  await provider.listInstances(spec.name);
  const larger = await provider.ensureInstance(spec.name, { ...instance, vcpu: 4, memoryGiB: 8 }, "t");
  expect(larger.ref).not.toBe(ref);
  expect(larger).toMatchObject({ vcpu: 4, memoryGiB: 8 });
});

test("a resize that was cut off after the stop is taken up again", async () => {
  const { spec, instance } = fresh();
  await provider.ensureTenancy(spec, "t");
  const { ref } = await provider.ensureInstance(spec.name, instance, "t");
  const Tags = [{ Key: "yunheng:resizing", Value: "true" }];
  await client.send(new CreateTagsCommand({ Resources: [ref], Tags }));
  await client.send(new StopInstancesCommand({ InstanceIds: [ref] }));
  const [seen] = (await provider.listInstances(spec.name)).items;
  expect(seen?.state).toBe("pending");
  await provider.ensureInstance(spec.name, { ...instance, vcpu: 4, memoryGiB: 8 }, "t");
  const [resized] = (await provider.listInstances(spec.name)).items;
  expect(resized).toMatchObject({ ref, state: "active", vcpu: 4, memoryGiB: 8 });
});

test("what its users have switched off stays off, through a resize and a suspension", async () => {
  const { spec, instance } = fresh();
  await provider.ensureTenancy(spec, "t");
  const { ref } = await provider.ensureInstance(spec.name, instance, "t");
  await client.send(new StopInstancesCommand({ InstanceIds: [ref] }));
  await provider.ensureInstance(spec.name, { ...instance, vcpu: 4, memoryGiB: 8 }, "t");
  await provider.ensureTenancy({ ...spec, suspended: true }, "t");
  await provider.ensureTenancy(spec, "t");
  const [after] = (await provider.listInstances(spec.name)).items;
  expect(after).toMatchObject({ ref, state: "stopped", vcpu: 4, memoryGiB: 8 });
});

test("a disk grows in place and never shrinks", async () => {
  const { spec, instance } = fresh();
  await provider.ensureTenancy(spec, "t");
  await provider.ensureInstance(spec.name, instance, "t");
  expect((await provider.ensureInstance(spec.name, { ...instance, diskGiB: 50 }, "t")).diskGiB).toBe(50);
  expect((await provider.readUsage(spec.name)).BLOCK_STORAGE_GIB).toBe(50);
  const smaller = provider.ensureInstance(spec.name, { ...instance, diskGiB: 49 }, "t");
  await expect(smaller).rejects.toMatchObject({ kind: "Invalid", vendorCode: "disk_shrinks" });
});

test("a size that no type has exactly is Invalid, and so is another processor", async () => {
  const { spec, instance } = fresh();
  await provider.ensureTenancy(spec, "t");
  const odd = provider.ensureInstance(spec.name, { ...instance, vcpu: 5, memoryGiB: 7 }, "t");
  await expect(odd).rejects.toMatchObject({ kind: "Invalid", vendorCode: "no_such_size" });
  const foreign = provider.ensureInstance(spec.name, { ...instance, architecture: "hygon" }, "t");
  await expect(foreign).rejects.toMatchObject({ kind: "Invalid" });
});

test("a suspended tenancy takes no new instance", async () => {
  const { spec, instance } = fresh();
  await provider.ensureTenancy({ ...spec, suspended: true }, "t");
  const refused = provider.ensureInstance(spec.name, instance, "t");
  await expect(refused).rejects.toMatchObject({ kind: "Conflict", vendorCode: "yunheng:suspended" });
});

test("what bears no mark is never removed", async () => {
  const { spec } = fresh();
  const TagSpecifications = [{ ResourceType: "vpc" as const, Tags: [{ Key: "Name", Value: spec.name }] }];
  await client.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16", TagSpecifications }));
  await expect(provider.removeTenancy(spec.name)).rejects.toMatchObject({ kind: "Conflict" });
  expect(await vpcsNamed(spec.name)).toHaveLength(1);
});
