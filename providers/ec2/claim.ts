import { createHash } from "node:crypto";
import {
  CreateLaunchTemplateCommand,
  DeleteLaunchTemplateCommand,
  DescribeLaunchTemplatesCommand,
  type LaunchTemplate,
} from "@aws-sdk/client-ec2";
import { isNotFound } from "../faults.ts";
import type { CallOptions, Ownership } from "../port.ts";
import type { Cloud } from "./cloud.ts";
import { hasVendorCode } from "./faults.ts";
import { ownerTags, TAG, tagList, tagsOf } from "./tags.ts";
import { required } from "./translate.ts";

/**
 * Names of VPCs are tags and may repeat, so that two controllers could make two. The name of a launch
 * template is unique by the API's own word: whoever writes it first decides which VPC the tenancy is.
 * Its content is the least that the API takes; it is not used to launch anything.
 */
export interface Claim {
  readonly templateId: string;
  readonly vpcId: string;
}

type Options = CallOptions | undefined;

export async function claimedVpc(cloud: Cloud, name: string, options: Options): Promise<Claim | null> {
  try {
    const { LaunchTemplates } = await cloud.send(
      new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [templateName(name)] }),
      options,
    );
    const [template] = LaunchTemplates ?? [];
    return template === undefined ? null : claimIn(template);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** False when somebody else was first. */
export async function claim(
  cloud: Cloud,
  name: string,
  vpcId: string,
  ownership: Ownership,
  options: Options,
): Promise<boolean> {
  const tags = tagList({ ...ownerTags(ownership), [TAG.name]: name, [TAG.vpc]: vpcId });
  try {
    await cloud.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: templateName(name),
        VersionDescription: `claims ${vpcId}`,
        LaunchTemplateData: { DisableApiTermination: false },
        TagSpecifications: [{ ResourceType: "launch-template", Tags: tags }],
      }),
      options,
    );
    return true;
  } catch (error) {
    if (hasVendorCode(error, /^InvalidLaunchTemplateName\.AlreadyExists/)) return false;
    throw error;
  }
}

/** By the id, so that a claim that somebody has made anew meanwhile stays. */
export async function unclaim(cloud: Cloud, { templateId }: Claim, options: Options): Promise<void> {
  try {
    await cloud.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: templateId }), options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function claimIn(template: LaunchTemplate): Claim {
  return {
    templateId: required(template.LaunchTemplateId, "LaunchTemplateId"),
    vpcId: tagsOf(template.Tags)[TAG.vpc] ?? "",
  };
}

/** Template names take fewer signs than tags do; a name with others is replaced by its hash. */
function templateName(name: string): string {
  if (/^[A-Za-z0-9-]{1,100}$/.test(name)) return `yunheng-${name}`;
  return `yunheng-${createHash("sha256").update(name).digest("hex").slice(0, 40)}`;
}
