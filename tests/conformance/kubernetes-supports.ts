import type { Supports } from "../../providers/port.ts";

export const KUBERNETES_SUPPORTS: Supports = {
  enforcedQuota: ["VCPU", "MEMORY_GIB", "BLOCK_STORAGE_GIB", "PUBLIC_IPV4", "GPU"],
  suspend: true,
  discoverCapacity: true,
  instances: true,
  resize: true,
  wipeReceipt: false,
  issueAccess: true,
};
