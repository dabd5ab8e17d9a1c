import { BlockList } from "node:net";
import {
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
  type Vpc,
} from "@aws-sdk/client-ec2";
import type { CallOptions } from "../port.ts";
import type { Send } from "./client.ts";
import { hasVendorCode } from "./faults.ts";

/**
 * The parts of a group's rules that let in what is not of the tenancy. Of the default group it is every
 * rule: whoever launches something and names no group would otherwise share it with everybody else who did.
 */
export function openIngress(group: SecurityGroup, vpc: Vpc): IpPermission[] {
  const rules = group.IpPermissions ?? [];
  if (group.GroupName === "default") return rules.map(partsOf(() => true));
  const strangers = partsOf((source) => isStranger(source, group, vpc));
  return rules.map(strangers).filter((rule) => SOURCES.some((list) => (rule[list] ?? []).length > 0));
}

export function admitsStrangers(group: SecurityGroup, vpc: Vpc): boolean {
  return openIngress(group, vpc).length > 0;
}

/** Takes the rules away; another worker may have done so already. */
export async function closeIngress(
  send: Send,
  group: SecurityGroup,
  vpc: Vpc,
  options: CallOptions | undefined,
): Promise<void> {
  const open = openIngress(group, vpc);
  if (open.length === 0) return;
  try {
    await send(
      new RevokeSecurityGroupIngressCommand({ GroupId: group.GroupId, IpPermissions: open }),
      options,
    );
  } catch (error) {
    if (!hasVendorCode(error, /^InvalidPermission\.NotFound$/)) throw error;
  }
}

const SOURCES = ["IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs"] as const;

type Source =
  | { readonly kind: "range"; readonly cidr: string }
  | { readonly kind: "group"; readonly vpcId: string | undefined; readonly ownerId: string | undefined }
  | { readonly kind: "other" };

/** The rule with only those sources that are chosen. */
function partsOf(chosen: (source: Source) => boolean) {
  return (rule: IpPermission): IpPermission => ({
    IpProtocol: rule.IpProtocol,
    FromPort: rule.FromPort,
    ToPort: rule.ToPort,
    IpRanges: kept(rule.IpRanges?.filter(({ CidrIp }) => chosen({ kind: "range", cidr: CidrIp ?? "" }))),
    Ipv6Ranges: kept(rule.Ipv6Ranges?.filter(() => chosen({ kind: "other" }))),
    PrefixListIds: kept(rule.PrefixListIds?.filter(() => chosen({ kind: "other" }))),
    UserIdGroupPairs: kept(
      rule.UserIdGroupPairs?.filter(({ VpcId, UserId }) =>
        chosen({ kind: "group", vpcId: VpcId, ownerId: UserId }),
      ),
    ),
  });
}

/** An empty list in a request would be a list with one empty entry to some clouds. */
function kept<Item>(items: Item[] | undefined): Item[] | undefined {
  return items === undefined || items.length === 0 ? undefined : items;
}

function isStranger(source: Source, group: SecurityGroup, vpc: Vpc): boolean {
  switch (source.kind) {
    case "range":
      return !isWithin(source.cidr, vpc.CidrBlock ?? "");
    case "group":
      return (
        (source.vpcId !== undefined && source.vpcId !== group.VpcId) ||
        (source.ownerId !== undefined && source.ownerId !== group.OwnerId)
      );
    case "other":
      return true;
  }
}

/** True where every address of `inner` belongs to `outer`; IPv4. */
export function isWithin(inner: string, outer: string): boolean {
  const [address = "", prefix] = inner.split("/");
  const [network = "", width] = outer.split("/");
  if (!/^[\d.]+$/.test(address) || Number(prefix) < Number(width)) return false;
  const block = new BlockList();
  block.addSubnet(network, Number(width), "ipv4");
  return block.check(address, "ipv4");
}
