const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

/** The request of the README's tour: a level-3 provincial system with its second copy in another city. */
export const SAMPLE_REQUEST = {
  organizationId: "gd-hrss",
  system: {
    name: "省级社会保险信息系统",
    mlpsLevel: 3,
    dataClass: "important",
    filingNo: "44000012345-00001",
  },
  projectApprovalNo: "粤数政务〔2026〕101号",
  purpose: "全省社会保险经办与公共服务",
  environment: "production",
  network: { zones: ["extranet"], internetExposed: false },
  requirements: { xinchuang: true, architectures: ["kunpeng"], cloudIds: [], forbiddenTraits: [] },
  resources: { VCPU: 64, MEMORY_GIB: 256, BLOCK_STORAGE_GIB: 4096 },
  instances: [{ name: "app", count: 4, vcpu: 8, memoryGiB: 32, diskGiB: 200, image: "kylin-v10-sp3" }],
  recovery: { class: "remote", rtoMinutes: 60, rpoMinutes: 15, pairJurisdiction: "440300" },
  capabilities: { reuse: ["unified-identity"], exemptions: [] },
  term: { start: inDays(10), end: inDays(370) },
};

/** Small enough to pass without a person. */
export const SMALL_REQUEST = {
  organizationId: "gd-hrss",
  system: { name: "人社内部测试系统", mlpsLevel: 2, dataClass: "general" },
  environment: "test",
  network: { zones: ["extranet"], internetExposed: false },
  resources: { VCPU: 4, MEMORY_GIB: 16, BLOCK_STORAGE_GIB: 200 },
  instances: [{ name: "web", count: 2, vcpu: 2, memoryGiB: 8, diskGiB: 50, image: "openeuler-22.03-lts" }],
  term: { start: inDays(10), end: inDays(190) },
};
