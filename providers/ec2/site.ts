import {
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type SecurityGroup,
  type Subnet,
  type Vpc,
} from "@aws-sdk/client-ec2";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, ObservedTenancy, Page, PageOptions } from "../port.ts";
import { claimedVpc } from "./claim.ts";
import type { Cloud } from "./cloud.ts";
import { cutPage, everyPage, paged } from "./pages.ts";
import { required, type Site, toTenancy } from "./translate.ts";

type Options = CallOptions | undefined;

/** The VPC of this name; where a race has left several, the one that holds the claim. */
export async function findVpc(cloud: Cloud, name: string, options: Options): Promise<Vpc> {
  const vpcs = await vpcsNamed(cloud, name, options);
  const [only] = vpcs;
  if (only === undefined) throw noTenancy(name);
  if (vpcs.length === 1) return only;
  const claim = await claimedVpc(cloud, name, options);
  return vpcs.find((vpc) => vpc.VpcId === claim?.vpcId) ?? only;
}

export function noTenancy(name: string): ProviderFault {
  return new ProviderFault("NotFound", `no tenancy ${name}`, { vendorCode: "no_such_tenancy" });
}

/** In an order that every controller sees alike. A VPC without a name goes by its id. */
export async function vpcsNamed({ send }: Cloud, name: string, options: Options): Promise<Vpc[]> {
  const filter = /^vpc-[0-9a-f]+$/.test(name)
    ? { Name: "vpc-id", Values: [name] }
    : { Name: "tag:Name", Values: [name] };
  const vpcs = await everyPage(
    (token) => send(new DescribeVpcsCommand({ Filters: [filter], ...paged(token) }), options),
    (output) => output.Vpcs,
  );
  return vpcs.sort((left, right) => ((left.VpcId ?? "") < (right.VpcId ?? "") ? -1 : 1));
}

export async function vpcById({ send }: Cloud, id: string, options: Options): Promise<Vpc | undefined> {
  const filter = { Name: "vpc-id", Values: [id] };
  const { Vpcs } = await send(new DescribeVpcsCommand({ Filters: [filter] }), options);
  return Vpcs?.[0];
}

export async function siteOf(cloud: Cloud, vpc: Vpc, options: Options): Promise<Site> {
  const ids = [required(vpc.VpcId, "VpcId")];
  const [subnets, groups] = await Promise.all([
    subnetsIn(cloud, ids, options),
    groupsIn(cloud, ids, options),
  ]);
  return { vpc, subnets, groups };
}

export async function getTenancy(cloud: Cloud, name: string, options: Options): Promise<ObservedTenancy> {
  return toTenancy(await siteOf(cloud, await findVpc(cloud, name, options), options));
}

/** Every VPC of the account, ours or not. */
export async function listTenancies(
  cloud: Cloud,
  options: PageOptions | undefined,
): Promise<Page<ObservedTenancy>> {
  const page = await cutPage(
    { after: options?.after, limit: options?.limit },
    (asked) => cloud.send(new DescribeVpcsCommand(asked), options),
    (output) => output.Vpcs,
  );
  const ids = page.items.map((vpc) => required(vpc.VpcId, "VpcId"));
  const [subnets, groups] = await Promise.all([
    subnetsIn(cloud, ids, options),
    groupsIn(cloud, ids, options),
  ]);
  const inside = <Item extends { readonly VpcId?: string | undefined }>(all: readonly Item[], vpc: Vpc) =>
    all.filter((item) => item.VpcId === vpc.VpcId);
  const items = page.items.map((vpc) =>
    toTenancy({ vpc, subnets: inside(subnets, vpc), groups: inside(groups, vpc) }),
  );
  return { items, next: page.next };
}

function subnetsIn({ send }: Cloud, vpcIds: string[], options: Options): Promise<Subnet[]> {
  const Filters = [{ Name: "vpc-id", Values: vpcIds }];
  if (vpcIds.length === 0) return Promise.resolve([]);
  return everyPage(
    (token) => send(new DescribeSubnetsCommand({ Filters, ...paged(token) }), options),
    (output) => output.Subnets,
  );
}

function groupsIn({ send }: Cloud, vpcIds: string[], options: Options): Promise<SecurityGroup[]> {
  const Filters = [{ Name: "vpc-id", Values: vpcIds }];
  if (vpcIds.length === 0) return Promise.resolve([]);
  return everyPage(
    (token) => send(new DescribeSecurityGroupsCommand({ Filters, ...paged(token) }), options),
    (output) => output.SecurityGroups,
  );
}
