import type { Supports } from "../port.ts";

/** The most that an EC2-compatible cloud can do. Its account limits know no tenancies, so it enforces no quota. */
export const EC2_SUPPORTS: Supports = {
  enforcedQuota: [],
  suspend: true,
  discoverCapacity: true,
  instances: true,
  resize: true,
  wipeReceipt: false,
  issueAccess: true,
};
