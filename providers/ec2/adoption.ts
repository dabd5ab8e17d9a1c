import { CreateTagsCommand } from "@aws-sdk/client-ec2";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, ObservedTenancy, Ownership } from "../port.ts";
import type { Cloud } from "./cloud.ts";
import { instancesIn } from "./instances.ts";
import { findVpc, getTenancy } from "./site.ts";
import { ownershipIn, ownerTags, sameOwner, tagList, tagsOf } from "./tags.ts";
import { required } from "./translate.ts";

/** The tenancy is marked last: while its mark is missing, the whole is taken up again. */
export async function adoptTenancy(
  cloud: Cloud,
  name: string,
  ownership: Ownership,
  options: CallOptions | undefined,
): Promise<ObservedTenancy> {
  const vpc = await findVpc(cloud, name, options);
  const mark = ownershipIn(tagsOf(vpc.Tags));
  if (mark !== null && !sameOwner(mark, ownership)) {
    throw new ProviderFault("Conflict", `tenancy ${name} belongs to somebody else`, {
      cause: { vpcId: vpc.VpcId, ownership: mark },
      vendorCode: "foreign_owner",
    });
  }
  const vpcId = required(vpc.VpcId, "VpcId");
  const instances = await instancesIn(cloud, vpcId, options);
  const unmarked = instances.filter((instance) => ownershipIn(tagsOf(instance.Tags)) === null);
  const Resources = [
    ...unmarked.map((instance) => required(instance.InstanceId, "InstanceId")),
    ...(mark === null ? [vpcId] : []),
  ];
  const Tags = tagList(ownerTags(ownership));
  for (const id of Resources) {
    await cloud.send(new CreateTagsCommand({ Resources: [id], Tags }), options);
  }
  return getTenancy(cloud, name, options);
}
