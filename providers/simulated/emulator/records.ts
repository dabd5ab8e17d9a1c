import { z } from "zod";
import { CloudName, PoolDeclaration } from "../../emulation/kind.ts";

/** What the simulated clouds keep, and the exact form of it in the journal. Times are epoch milliseconds. */

const AMOUNT = z.int().min(0);
export const Quantities = z.record(z.string().regex(/^[A-Z0-9_]{1,40}$/), AMOUNT);
export const ObjectName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);

export const OwnershipMark = z.strictObject({
  installation: z.string().min(1),
  tenancyId: z.string().min(1),
  placementId: z.string().min(1),
  organizationId: z.string().min(1),
});

export const ImageRecord = z.strictObject({
  ref: z.string().min(1),
  name: z.string().min(1),
  /** Instruction set: arm64, amd64, loong64. */
  architecture: z.string().min(1),
});

export const CloudRecord = z.strictObject({
  id: CloudName,
  version: z.string().min(1),
  pools: z.array(PoolDeclaration),
  images: z.array(ImageRecord),
});

const LIFE = {
  ownership: OwnershipMark.nullable(),
  clientToken: z.string().nullable(),
  /** Says why the object is broken; null while it is well. */
  failure: z.string().nullable(),
  createdAt: z.int(),
  /** From here on the object works. */
  readyAt: z.int(),
  /** From here on the object no longer exists; null while nobody removed it. */
  goneAt: z.int().nullable(),
};

export const TenancyRecord = z.strictObject({
  ref: z.string(),
  name: ObjectName,
  displayName: z.string(),
  pool: z.string(),
  zone: z.enum(["internet", "extranet", "dedicated"]),
  /** An absent class is zero, not unlimited. */
  quota: Quantities,
  accessGroup: z.string().nullable(),
  /** What the tenancy's network does with traffic that no rule allows. */
  ingress: z.enum(["deny", "allow"]),
  suspended: z.boolean(),
  /** Volumes ever made in the tenancy; all of them have to be wiped in the end. */
  volumes: AMOUNT,
  ...LIFE,
});

export const InstanceRecord = z.strictObject({
  ref: z.string(),
  tenancy: ObjectName,
  name: ObjectName,
  vcpu: z.int().min(1),
  memoryGiB: z.int().min(1),
  diskGiB: AMOUNT,
  image: z.string(),
  architecture: z.string(),
  ...LIFE,
});

export const ReceiptRecord = z.strictObject({
  tenancy: ObjectName,
  volumesWiped: AMOUNT,
  wipedAt: z.int(),
});

export type OwnershipMark = z.infer<typeof OwnershipMark>;
export type Quantities = z.infer<typeof Quantities>;
export type ImageRecord = z.infer<typeof ImageRecord>;
export type CloudRecord = z.infer<typeof CloudRecord>;
export type TenancyRecord = z.infer<typeof TenancyRecord>;
export type InstanceRecord = z.infer<typeof InstanceRecord>;
export type ReceiptRecord = z.infer<typeof ReceiptRecord>;
