import { CreateSubnetCommand, type Subnet } from "@aws-sdk/client-ec2";
import type { CallOptions, TenancySpec } from "../port.ts";
import type { Cloud } from "./cloud.ts";
import type { Ec2Pool } from "./connection.ts";
import { hasVendorCode } from "./faults.ts";
import { ownerTags, TAG, tagList } from "./tags.ts";
import { required, type Site } from "./translate.ts";

/** As many as a pool may have zones; each takes a quarter of the network. */
const QUARTERS = 4;

/** A subnet in every zone of the pool. The address range makes a second one impossible, whoever comes first. */
export async function ensureSubnets(
  { send }: Cloud,
  { vpc, subnets }: Site,
  spec: TenancySpec,
  pool: Ec2Pool,
  options: CallOptions | undefined,
): Promise<void> {
  const ranges = quartersOf(required(vpc.CidrBlock, "CidrBlock"));
  for (const [index, zone] of pool.availabilityZones.entries()) {
    if (subnets.some((subnet) => subnet.AvailabilityZone === zone)) continue;
    const tags = { ...ownerTags(spec.ownership), [TAG.name]: `${spec.name}-${zone}` };
    try {
      await send(
        new CreateSubnetCommand({
          VpcId: vpc.VpcId,
          AvailabilityZone: zone,
          CidrBlock: ranges[index],
          TagSpecifications: [{ ResourceType: "subnet", Tags: tagList(tags) }],
        }),
        options,
      );
    } catch (error) {
      if (!hasVendorCode(error, /^InvalidSubnet\.Conflict$/)) throw error;
    }
  }
}

/** `10.0.0.0/16` is 10.0.0.0/18, 10.0.64.0/18, 10.0.128.0/18 and 10.0.192.0/18. */
export function quartersOf(cidr: string): string[] {
  const [address = "", prefix = ""] = cidr.split("/");
  const start = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const width = Number(prefix) + 2;
  return Array.from({ length: QUARTERS }, (_, index) => {
    const first = start + index * 2 ** (32 - width);
    const parts = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
    return `${parts.join(".")}/${width}`;
  });
}

/** Spread over the pool's zones by name, the same each time: a repeat must ask for the same thing. */
export function subnetFor(subnets: readonly Subnet[], pool: Ec2Pool, name: string): Subnet | undefined {
  const usable = pool.availabilityZones.flatMap((zone) =>
    subnets
      .filter((subnet) => subnet.AvailabilityZone === zone)
      .sort((left, right) => ((left.SubnetId ?? "") < (right.SubnetId ?? "") ? -1 : 1))
      .slice(0, 1),
  );
  const sum = [...name].reduce((total, sign) => (total * 31 + (sign.codePointAt(0) ?? 0)) % 65_521, 0);
  return usable[sum % Math.max(usable.length, 1)];
}
