import {
  AuthorizeSecurityGroupIngressCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { Ec2Connection } from "../../providers/ec2/connection.ts";
import type { Tampering } from "./target.ts";
import { until } from "./target.ts";

const PATIENCE_MS = 10_000;

/** What an administrator does at the cloud's own console, with the account's own keys. */
export function ec2Tampering({ endpoint, region, accessKeyId, secretAccessKey }: Ec2Connection): Tampering {
  const client = new EC2Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const named = (name: string) => [{ Name: "tag:Name", Values: [name] }];
  const vpcOf = async (tenancy: string) => {
    const { Vpcs } = await client.send(new DescribeVpcsCommand({ Filters: named(tenancy) }));
    return idOf(Vpcs?.[0]?.VpcId, tenancy);
  };
  const inside = (vpcId: string) => ({ Filters: [{ Name: "vpc-id", Values: [vpcId] }] });
  const terminated = async (id: string) => {
    await client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await until(PATIENCE_MS, "terminated", async () => {
      const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
      return { state: Reservations?.[0]?.Instances?.[0]?.State?.Name ?? "terminated" };
    });
  };
  return {
    async setQuota(tenancy, quota) {
      const Tags = Object.entries(quota).map(([name, amount]) => ({
        Key: `yunheng:quota:${name}`,
        Value: String(amount),
      }));
      await client.send(new CreateTagsCommand({ Resources: [await vpcOf(tenancy)], Tags }));
    },
    async openNetwork(tenancy) {
      const { SecurityGroups } = await client.send(
        new DescribeSecurityGroupsCommand(inside(await vpcOf(tenancy))),
      );
      const group = SecurityGroups?.find(({ GroupName }) => GroupName !== "default");
      await client.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId: idOf(group?.GroupId, tenancy),
          IpPermissions: [
            { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] },
          ],
        }),
      );
    },
    async destroyTenancy(tenancy) {
      const VpcId = await vpcOf(tenancy);
      const { Subnets = [] } = await client.send(new DescribeSubnetsCommand(inside(VpcId)));
      for (const { SubnetId } of Subnets) await client.send(new DeleteSubnetCommand({ SubnetId }));
      const { SecurityGroups = [] } = await client.send(new DescribeSecurityGroupsCommand(inside(VpcId)));
      for (const { GroupId, GroupName } of SecurityGroups) {
        if (GroupName !== "default") await client.send(new DeleteSecurityGroupCommand({ GroupId }));
      }
      await client.send(new DeleteVpcCommand({ VpcId }));
    },
    async destroyInstance(tenancy, instance) {
      const Filters = [
        ...named(instance),
        ...inside(await vpcOf(tenancy)).Filters,
        { Name: "instance-state-name", Values: ["pending", "running", "stopped"] },
      ];
      const { Reservations } = await client.send(new DescribeInstancesCommand({ Filters }));
      await terminated(idOf(Reservations?.[0]?.Instances?.[0]?.InstanceId, instance));
    },
    async createForeign(tenancy) {
      await client.send(
        new CreateVpcCommand({
          CidrBlock: "10.1.0.0/16",
          TagSpecifications: [{ ResourceType: "vpc", Tags: [{ Key: "Name", Value: tenancy }] }],
        }),
      );
    },
  };
}

function idOf(id: string | undefined, name: string): string {
  if (id === undefined) throw new Error(`${name} is not there`);
  return id;
}
