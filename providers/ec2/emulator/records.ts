import { z } from "zod";

/** What the emulated clouds remember. The journal keeps exactly this, so it is read back through these. */

const Tags = z.record(z.string(), z.string());
const Quantities = z.record(z.string(), z.int().min(0));

export const ImageRecord = z.strictObject({
  id: z.string().regex(/^ami-[0-9a-f]{8,17}$/),
  name: z.string().min(1),
  architecture: z.enum(["arm64", "x86_64"]),
});
export type ImageRecord = z.infer<typeof ImageRecord>;

export const CloudRecord = z.strictObject({
  region: z.string().min(1),
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  /** What a zone has; an absent class is without bounds. */
  zones: z.array(z.strictObject({ name: z.string().min(1), total: Quantities })).min(1),
  images: z.array(ImageRecord),
  instancesMax: z.int().min(0),
  vpcsMax: z.int().min(0),
});
export type CloudRecord = z.infer<typeof CloudRecord>;

export const VpcRecord = z.strictObject({
  id: z.string(),
  createdAt: z.number(),
  cidr: z.string(),
  readyAt: z.number(),
  tags: Tags,
});
export type VpcRecord = z.infer<typeof VpcRecord>;

export const SubnetRecord = z.strictObject({
  id: z.string(),
  createdAt: z.number(),
  vpcId: z.string(),
  zone: z.string(),
  cidr: z.string(),
  tags: Tags,
});
export type SubnetRecord = z.infer<typeof SubnetRecord>;

/** One source of one rule; the API's own form groups several. */
export const RuleRecord = z.strictObject({
  protocol: z.string(),
  from: z.number().nullable(),
  to: z.number().nullable(),
  kind: z.enum(["ipv4", "ipv6", "prefix-list", "group"]),
  source: z.string(),
});
export type RuleRecord = z.infer<typeof RuleRecord>;

export const GroupRecord = z.strictObject({
  id: z.string(),
  createdAt: z.number(),
  vpcId: z.string(),
  name: z.string(),
  description: z.string(),
  ingress: z.array(RuleRecord),
  tags: Tags,
});
export type GroupRecord = z.infer<typeof GroupRecord>;

export const TemplateRecord = z.strictObject({
  id: z.string(),
  createdAt: z.number(),
  name: z.string(),
  tags: Tags,
});
export type TemplateRecord = z.infer<typeof TemplateRecord>;

export const InstanceState = z.enum([
  "pending",
  "running",
  "stopping",
  "stopped",
  "shutting-down",
  "terminated",
]);
export type InstanceState = z.infer<typeof InstanceState>;

export const InstanceRecord = z.strictObject({
  id: z.string(),
  createdAt: z.number(),
  reservation: z.string(),
  state: InstanceState,
  /** When the state gives way to the next by itself; null where it stays. */
  changesAt: z.number().nullable(),
  type: z.string(),
  imageId: z.string(),
  subnetId: z.string(),
  groupIds: z.array(z.string()),
  profile: z.string().nullable(),
  clientToken: z.string(),
  /** Of all that was asked for under the token. */
  requestHash: z.string(),
  tags: Tags,
});
export type InstanceRecord = z.infer<typeof InstanceRecord>;

export const VolumeRecord = z.strictObject({
  id: z.string(),
  createdAt: z.number(),
  sizeGiB: z.int(),
  zone: z.string(),
  instanceId: z.string().nullable(),
  device: z.string(),
  deleteOnTermination: z.boolean(),
  tags: Tags,
});
export type VolumeRecord = z.infer<typeof VolumeRecord>;

/** Credentials that a role has lent. */
export const SessionRecord = z.strictObject({
  id: z.string(),
  createdAt: z.number(),
  secretAccessKey: z.string(),
  token: z.string(),
  expiresAt: z.number(),
  /** Narrows what the session may do; null where the role itself does. */
  policy: z.string().nullable(),
});
export type SessionRecord = z.infer<typeof SessionRecord>;

export const TABLES = {
  cloud: CloudRecord,
  vpc: VpcRecord,
  subnet: SubnetRecord,
  group: GroupRecord,
  template: TemplateRecord,
  instance: InstanceRecord,
  volume: VolumeRecord,
  session: SessionRecord,
} as const;
export const TABLE_NAMES = [
  "cloud",
  "vpc",
  "subnet",
  "group",
  "template",
  "instance",
  "volume",
  "session",
] as const satisfies readonly (keyof typeof TABLES)[];
export type Table = keyof typeof TABLES;
export type RecordOf<Name extends Table> = z.infer<(typeof TABLES)[Name]>;
