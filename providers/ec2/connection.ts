import { z } from "zod";

/** What runs in one or several availability zones on one instruction set. */
export const Ec2Pool = z.strictObject({
  availabilityZones: z.array(z.string().min(1)).min(1).max(4),
  architecture: z.enum(["arm64", "x86_64"]),
  /** The API tells nobody what its hosts have: the operator says it, in the control plane's resource classes. */
  total: z.record(z.string().min(1), z.int().min(0)),
  /** Where given, only these are used; the first one of the wanted size is taken. */
  instanceTypes: z.array(z.string().min(1)).min(1).optional(),
});
export type Ec2Pool = z.infer<typeof Ec2Pool>;

const Role = z.strictObject({
  arn: z.string().min(20),
  /** Where the security token service is; the endpoint itself unless told otherwise. */
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
});

/** Where an EC2-compatible cloud is, how to enter it, and what of it belongs to the control plane. */
export const Ec2Connection = z.strictObject({
  endpoint: z.url({ protocol: /^https?$/ }),
  region: z.string().regex(/^[a-z0-9-]{1,40}$/),
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  /** For credentials that were issued for a limited time by somebody else. */
  sessionToken: z.string().min(1).optional(),
  /** Taken on with the keys above, and renewed before it expires. */
  role: Role.optional(),
  /** Lent to departments for a time, and narrowed to what bears their tenancy's mark; without it nobody gets access. */
  accessRole: Role.optional(),
  /** PEM of the authority that signed the endpoint's certificate; replaces the public ones. */
  caCertificate: z.string().includes("-----BEGIN CERTIFICATE-----").optional(),
  proxy: z.url({ protocol: /^https?$/ }).optional(),
  pools: z.record(z.string().min(1), Ec2Pool),
  /** Of every tenancy alike: no route leads from one to another. */
  network: z.cidrv4().default("10.0.0.0/16").refine(hasRoomForSubnets, "must be between /16 and /26"),
  /** Whose images are offered; others' are too many to be meant. */
  imageOwners: z.array(z.string().min(1)).min(1).default(["self"]),
  /** Name or ARN of the instance profile with which instances run. */
  instanceProfile: z.string().min(1).optional(),
  /** How long a new object may stay invisible to reads before it counts as gone. */
  settleMs: z.int().min(0).max(60_000).default(2_000),
});
export type Ec2Connection = z.infer<typeof Ec2Connection>;

function hasRoomForSubnets(cidr: string): boolean {
  const prefix = Number(cidr.split("/")[1]);
  return prefix >= 16 && prefix <= 26;
}
