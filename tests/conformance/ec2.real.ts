import {
  DeleteVpcCommand,
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { afterAll } from "vitest";
import { Ec2Connection } from "../../providers/ec2/connection.ts";
import { ec2Provider } from "../../providers/ec2/provider.ts";
import { EC2_SUPPORTS } from "../../providers/ec2/supports.ts";
import { type Ec2Environment, ec2FromEnvironment } from "../support/ec2-environment.ts";
import { checkedKeys } from "../support/moto-keys.ts";
import { byHttp, RECORDED_RUN, recordingTo, recordRun } from "../support/recording.ts";
import { ec2Tampering } from "./ec2-tampering.ts";
import { ec2RealPools } from "./ec2-target.ts";
import { providerConformance } from "./provider.ts";
import { type ConformanceTarget, untilGone, type Ways } from "./target.ts";

/** Needs two availability zones and an image of Linux on x86-64. No zone of a real cloud can be filled. */

interface RealTarget extends ConformanceTarget {
  readonly connection: Ec2Connection;
}

const record = recordingTo();
const given = ec2FromEnvironment();
const { environment, restore } = await checkedKeys(given);

providerConformance<RealTarget>({
  name: "ec2, the real service",
  supports: { ...EC2_SUPPORTS, issueAccess: environment.accessRoleArn !== undefined },
  make: openTarget,
  tampering: ({ connection }) => ec2Tampering(connection),
  ...(record === undefined ? { ways } : {}),
  patienceMs: 120_000,
  timeoutMs: 300_000,
  bulk: record === undefined ? { objects: 1_000, timeoutMs: 900_000 } : RECORDED_RUN.bulk,
});

let image = "";
if (record !== undefined) {
  const { endpoint, region, accessKeyId, secretAccessKey, accessRoleArn = "" } = environment;
  const secret = { key: accessKeyId, "secret-key": secretAccessKey };
  recordRun(
    record,
    "moto 5.2.5",
    byHttp,
    () => ({ open: { endpoint, region, accessRoleArn, image }, secret }),
    () => true,
  );
}

function ways({ connection }: RealTarget): Ways {
  return {
    url: connection.endpoint,
    connect: (way) =>
      ec2Provider({
        ...connection,
        endpoint: way.url,
        ...(way.ca === undefined ? {} : { caCertificate: way.ca }),
        ...(way.proxy === undefined ? {} : { proxy: way.proxy }),
      }),
  };
}

/** Takes longer than a hook usually may: a thousand networks go one by one. */
const cleaning: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const clean of cleaning) await clean();
  await restore();
}, 900_000);

async function openTarget(): Promise<RealTarget> {
  const { endpoint, region, accessKeyId, secretAccessKey } = environment;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new EC2Client({ endpoint, region, credentials, maxAttempts: 10 });
  const { AvailabilityZones = [] } = await client.send(new DescribeAvailabilityZonesCommand({}));
  const pools = ec2RealPools(AvailabilityZones.map(({ ZoneName }) => ZoneName));
  const connection = connectionOf(environment, pools);
  const prefix = record === undefined ? `cf${process.pid}` : RECORDED_RUN.prefix;
  image = environment.image ?? (await anyLinux(client, environment));
  const provider = ec2Provider(connection);
  return {
    provider,
    other: ec2Provider(connection),
    intruder: ec2Provider({ ...connection, secretAccessKey: "wrong-secret-key" }),
    dead: ec2Provider({ ...connection, endpoint: "http://127.0.0.1:1" }),
    secrets: [secretAccessKey, "wrong-secret-key"],
    prefix,
    pool: "wide",
    narrowPool: { name: "narrow", vcpu: null },
    image,
    architecture: "intel",
    connection,
    async close() {
      cleaning.push(() =>
        sweep(client, prefix, (name) => untilGone(60_000, () => provider.removeTenancy(name))),
      );
    },
  };
}

function connectionOf(environment: Ec2Environment, pools: Readonly<Record<string, unknown>>): Ec2Connection {
  const { accessRoleArn, imageOwners, endpoint, region, accessKeyId, secretAccessKey } = environment;
  return Ec2Connection.parse({
    endpoint,
    region,
    accessKeyId,
    secretAccessKey,
    imageOwners,
    pools,
    ...(accessRoleArn === undefined ? {} : { accessRole: { arn: accessRoleArn } }),
  });
}

async function anyLinux(client: EC2Client, { imageOwners }: Ec2Environment): Promise<string> {
  const { Images = [] } = await client.send(
    new DescribeImagesCommand({
      Owners: [...imageOwners],
      Filters: [{ Name: "architecture", Values: ["x86_64"] }],
    }),
  );
  const linux = Images.find(({ Platform, Name, RootDeviceType }) => {
    return Platform === undefined && RootDeviceType === "ebs" && Name !== undefined && !/windows/i.test(Name);
  });
  if (linux?.Name === undefined) throw new Error("the suite needs an image of Linux on x86-64");
  return linux.Name;
}

const AT_ONCE = 8;

/** Everything that the run has left: what was nobody's, of which there is much, and then the tenancies. */
async function sweep(client: EC2Client, prefix: string, removeTenancy: (name: string) => Promise<void>) {
  const Filters = [{ Name: "tag:Name", Values: [`${prefix}-*`] }];
  const { Vpcs = [] } = await client.send(new DescribeVpcsCommand({ Filters }));
  const tags = Vpcs.map(({ VpcId, Tags = [] }) => ({
    VpcId,
    name: Tags.find(({ Key }) => Key === "Name")?.Value ?? "",
    ours: Tags.some(({ Key }) => Key === "yunheng:installation"),
  }));
  const foreign = tags.filter(({ ours }) => !ours);
  const worker = async () => {
    for (let vpc = foreign.pop(); vpc !== undefined; vpc = foreign.pop()) {
      await client.send(new DeleteVpcCommand({ VpcId: vpc.VpcId }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const { ours, name } of tags) if (ours) await removeTenancy(name);
}
