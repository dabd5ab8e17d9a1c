import {
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteTagsCommand,
  DeleteVpcCommand,
  type Vpc,
} from "@aws-sdk/client-ec2";
import { isNotFound, ProviderFault } from "../faults.ts";
import type { CallOptions, ObservedTenancy, TenancySpec } from "../port.ts";
import { unreadable } from "../wire-faults.ts";
import { claim, claimedVpc, unclaim } from "./claim.ts";
import type { Cloud } from "./cloud.ts";
import type { Ec2Pool } from "./connection.ts";
import { hasVendorCode } from "./faults.ts";
import { closeIngress } from "./isolation.ts";
import { settled } from "./settled.ts";
import { siteOf, vpcById, vpcsNamed } from "./site.ts";
import { ensureSubnets } from "./subnets.ts";
import { resume, suspend } from "./suspension.ts";
import { ownershipIn, sameOwner, TAG, tagChanges, tagList, tagsOf, tenancyTags } from "./tags.ts";
import { OUR_GROUP, required, type Site, toTenancy } from "./translate.ts";

type Options = CallOptions | undefined;

/** Claims are lost and won in a race; more rounds than this mean that something else is wrong. */
const ROUNDS_MAX = 5;

export async function ensureTenancy(
  cloud: Cloud,
  spec: TenancySpec,
  clientToken: string,
  options: Options,
): Promise<ObservedTenancy> {
  const pool = poolOf(cloud, spec.pool);
  const vpc = await ensureVpc(cloud, spec, clientToken, options);
  const before = await siteOf(cloud, vpc, options);
  await ensureSubnets(cloud, before, spec, pool, options);
  await ensureGroup(cloud, before, spec, options);
  const site = await siteOf(cloud, vpc, options);
  for (const group of site.groups) await closeIngress(cloud.send, group, vpc, options);
  await writeTags(cloud, site, spec, options);
  const suspended = tagsOf(vpc.Tags)[TAG.suspended] === "true";
  if (spec.suspended && !suspended) await suspend(cloud, vpc, options);
  if (!spec.suspended && suspended) await resume(cloud, vpc, options);
  const vpcId = required(vpc.VpcId, "VpcId");
  const now = await vpcById(cloud, vpcId, options);
  return toTenancy(await siteOf(cloud, required(now, vpcId), options));
}

export function poolOf({ connection }: Cloud, name: string): Ec2Pool {
  const pool = Object.hasOwn(connection.pools, name) ? connection.pools[name] : undefined;
  if (pool !== undefined) return pool;
  throw new ProviderFault("Invalid", `the connection names no pool ${name}`, { vendorCode: "no_such_pool" });
}

/** The one VPC that holds the claim to the name; what a lost race has left behind is removed. */
async function ensureVpc(cloud: Cloud, spec: TenancySpec, token: string, options: Options): Promise<Vpc> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const vpcs = await vpcsNamed(cloud, spec.name, options);
    for (const vpc of vpcs) assertOurs(vpc, spec);
    const held = await claimedVpc(cloud, spec.name, options);
    if (held !== null) {
      const winner = await claimedOf(cloud, vpcs, held.vpcId, options);
      if (winner === undefined) await unclaim(cloud, held, options);
      else {
        await removeOthers(cloud, vpcs, held.vpcId, options);
        return winner;
      }
      continue;
    }
    const candidate = vpcs[0] ?? (await createVpc(cloud, spec, token, options));
    const vpcId = required(candidate.VpcId, "VpcId");
    const won = await claim(cloud, spec.name, vpcId, spec.ownership, options);
    if (won) return candidate;
    const winner = await claimedVpc(cloud, spec.name, options);
    if (winner !== null && winner.vpcId !== vpcId && vpcs.length === 0) {
      await removeOthers(cloud, [candidate], winner.vpcId, options);
    }
  }
  throw unreadable(`the claim to ${spec.name} does not settle`);
}

/** A claim without its VPC is stale, unless the VPC is so new that it cannot be seen yet. */
function claimedOf(cloud: Cloud, vpcs: readonly Vpc[], vpcId: string, options: Options) {
  const listed = vpcs.find((vpc) => vpc.VpcId === vpcId);
  if (listed !== undefined) return Promise.resolve(listed);
  return settled(cloud, () => vpcById(cloud, vpcId, options), options);
}

async function createVpc(cloud: Cloud, spec: TenancySpec, token: string, options: Options): Promise<Vpc> {
  const tags = { ...tenancyTags(spec), [TAG.clientToken]: token.slice(0, 256) };
  const { Vpc: vpc } = await cloud.send(
    new CreateVpcCommand({
      CidrBlock: cloud.connection.network,
      TagSpecifications: [{ ResourceType: "vpc", Tags: tagList(tags) }],
    }),
    options,
  );
  return required(vpc, "Vpc");
}

/** One that is not empty has got something that nobody here knows of: it stays, and is found as an orphan. */
async function removeOthers(cloud: Cloud, vpcs: readonly Vpc[], kept: string, options: Options) {
  for (const { VpcId } of vpcs.filter((vpc) => vpc.VpcId !== kept)) {
    try {
      await cloud.send(new DeleteVpcCommand({ VpcId }), options);
    } catch (error) {
      if (!isNotFound(error) && !hasVendorCode(error, /^DependencyViolation$/)) throw error;
    }
  }
}

function assertOurs(vpc: Vpc, spec: TenancySpec): void {
  const tags = tagsOf(vpc.Tags);
  if (!sameOwner(ownershipIn(tags), spec.ownership)) {
    throw new ProviderFault("Conflict", `tenancy ${spec.name} belongs to somebody else`, {
      cause: { vpcId: vpc.VpcId, ownership: ownershipIn(tags) },
      vendorCode: "foreign_owner",
    });
  }
  if (tags[TAG.removing] === "true") {
    throw new ProviderFault("Conflict", `tenancy ${spec.name} is being removed`, { vendorCode: "removing" });
  }
  const pool = tags[TAG.pool];
  if (pool !== undefined && pool !== spec.pool) {
    throw new ProviderFault("Conflict", `tenancy ${spec.name} is in pool ${pool} and cannot move`);
  }
}

/** Without any rule for what comes in; its name is unique in the VPC, whoever comes first. */
async function ensureGroup(cloud: Cloud, { vpc, groups }: Site, spec: TenancySpec, options: Options) {
  if (groups.some((group) => group.GroupName === OUR_GROUP)) return;
  const tags = Object.entries(tenancyTags(spec)).filter(([key]) => key.startsWith("yunheng:"));
  try {
    await cloud.send(
      new CreateSecurityGroupCommand({
        VpcId: vpc.VpcId,
        GroupName: OUR_GROUP,
        Description: "Lets nothing in",
        TagSpecifications: [{ ResourceType: "security-group", Tags: tagList(Object.fromEntries(tags)) }],
      }),
      options,
    );
  } catch (error) {
    if (!hasVendorCode(error, /^InvalidGroup\.Duplicate$/)) throw error;
  }
}

async function writeTags(cloud: Cloud, { vpc }: Site, spec: TenancySpec, options: Options): Promise<void> {
  const Resources = [required(vpc.VpcId, "VpcId")];
  const { write, erase } = tagChanges(tagsOf(vpc.Tags), tenancyTags(spec));
  if (Object.keys(write).length > 0) {
    await cloud.send(new CreateTagsCommand({ Resources, Tags: tagList(write) }), options);
  }
  if (erase.length > 0) {
    await cloud.send(new DeleteTagsCommand({ Resources, Tags: erase.map((Key) => ({ Key })) }), options);
  }
}
