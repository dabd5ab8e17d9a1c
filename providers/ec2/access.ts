import { createHash } from "node:crypto";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, TenancyAccess } from "../port.ts";
import { givenUp } from "../wire-faults.ts";
import type { Cloud } from "./cloud.ts";
import type { AssumeRole } from "./credentials.ts";
import { faultFrom } from "./faults.ts";
import { findVpc } from "./site.ts";
import { TAG, tagsOf } from "./tags.ts";

/** The least that the token service gives; what a role allows at most is its own business. */
const LIFETIME_SECONDS_MIN = 900;

/** What a department does with its own machines; making and resizing them is the control plane's. */
const ACTIONS = [
  "ec2:StartInstances",
  "ec2:StopInstances",
  "ec2:RebootInstances",
  "ec2:GetConsoleOutput",
  "ec2:GetConsoleScreenshot",
];

/**
 * Lends the access role, narrowed to what bears this placement's mark. Nothing that was lent can be taken
 * back before its end; a lost reply leaves nobody with the key it held.
 */
export async function issueAccess(
  cloud: Cloud,
  assume: AssumeRole | null,
  tenancy: string,
  lifetimeSeconds: number,
  clientToken: string,
  options: CallOptions | undefined,
): Promise<TenancyAccess> {
  const { accessRole, region, endpoint } = cloud.connection;
  if (accessRole === undefined || assume === null) {
    throw new ProviderFault("Invalid", "the connection names no role for departments", {
      vendorCode: "unsupported",
    });
  }
  const vpc = await findVpc(cloud, tenancy, options);
  const placement = tagsOf(vpc.Tags)[TAG.placement];
  if (placement === undefined) throw new ProviderFault("Conflict", `tenancy ${tenancy} bears no mark`);
  const signal = options?.signal;
  if (signal?.aborted === true) throw givenUp(signal.reason);
  try {
    const lent = await assume(
      {
        RoleArn: accessRole.arn,
        RoleSessionName: `yunheng-${createHash("sha256").update(clientToken).digest("hex").slice(0, 32)}`,
        DurationSeconds: Math.max(LIFETIME_SECONDS_MIN, lifetimeSeconds),
        Policy: JSON.stringify(policyFor(placement)),
      },
      signal,
    );
    return {
      variables: {
        AWS_ENDPOINT_URL_EC2: endpoint,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: lent.accessKeyId,
        AWS_SECRET_ACCESS_KEY: lent.secretAccessKey,
        AWS_SESSION_TOKEN: lent.sessionToken,
      },
      expiresAt: lent.expiration.toISOString(),
    };
  } catch (error) {
    throw faultFrom(error, signal);
  }
}

/** Lists know no scope at the cloud's identity service; everything else is bound to the mark. */
function policyFor(placement: string) {
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["ec2:Describe*"], Resource: "*" },
      {
        Effect: "Allow",
        Action: ACTIONS,
        Resource: "*",
        Condition: { StringEquals: { [`aws:ResourceTag/${TAG.placement}`]: placement } },
      },
    ],
  };
}
