import type { RequestFacts } from "../../../control-plane/policy/facts.ts";

/** What the mix holds of each kind, in parts of a hundred. */
export const MIX = {
  allowed: 40,
  needs_approval: 25,
  denied_by_rule: 15,
  nothing_fits: 20,
} as const;
export type Kind = keyof typeof MIX;

/** A hundred requests in the proportions of the mix, no two of them alike. */
export function requestMix(): { kind: Kind; request: RequestFacts }[] {
  const kinds = Object.entries(MIX).flatMap(([kind, share]) => Array<Kind>(share).fill(kind as Kind));
  // 37 and 100 have no common divisor: every request comes once, and neighbours differ in kind.
  return kinds.map((_, at) => {
    const kind = kinds[(at * 37) % kinds.length] ?? "allowed";
    return { kind, request: SHAPES[kind](at) };
  });
}

const SHAPES: Readonly<Record<Kind, (at: number) => RequestFacts>> = {
  allowed: (at) => requestOf(at, { vcpu: 4 + (at % 12) }),
  needs_approval: (at) => {
    const large = requestOf(at, { vcpu: 24 + (at % 40), level: 3 });
    if (at % 2 === 0) return large;
    const network = { zones: ["extranet", "internet"], internetExposed: true };
    const recovery = { class: "remote" as const, rtoMinutes: 60, rpoMinutes: 15, pairJurisdiction: "" };
    return {
      ...large,
      network,
      recovery,
      resources: { ...large.resources, PUBLIC_IPV4: 2, BANDWIDTH_MBPS: 50 },
    };
  },
  denied_by_rule: (at) => {
    const asked = requestOf(at, { vcpu: 8 + (at % 8), level: at % 3 === 0 ? 4 : 3 });
    if (at % 3 === 0) return asked;
    return { ...asked, system: { ...asked.system, dataClass: "core" }, projectApprovalNo: "" };
  },
  nothing_fits: (at) => {
    const huge = requestOf(at, { vcpu: 2001 + (at % 500), level: 3 });
    const architectures = at % 2 === 0 ? ["kunpeng"] : [];
    return { ...huge, requirements: { ...huge.requirements, architectures } };
  },
};

function requestOf(at: number, { vcpu, level = 2 }: { vcpu: number; level?: number }): RequestFacts {
  return {
    kind: "create",
    tenancyId: "",
    environment: "production",
    purpose: "业务系统上云",
    projectApprovalNo: `粤数政务〔2026〕${at + 1}号`,
    system: {
      id: `sys-${at}`,
      name: `业务系统${at}`,
      mlpsLevel: level,
      dataClass: "general",
      filingNo: `440000${String(at).padStart(5, "0")}-00001`,
    },
    network: { zones: ["extranet"], internetExposed: false },
    requirements: { xinchuang: at % 3 === 0, architectures: [], cloudIds: [], forbiddenTraits: [] },
    resources: {
      VCPU: vcpu,
      MEMORY_GIB: vcpu * 4,
      BLOCK_STORAGE_GIB: 100 + at,
      OBJECT_STORAGE_GIB: at % 4 === 0 ? 500 : 0,
      PUBLIC_IPV4: 0,
      BANDWIDTH_MBPS: 0,
      GPU: 0,
    },
    instances: [
      { name: "web", count: 2, vcpu: 1, memoryGiB: 4, diskGiB: 20, image: "kylin-v10-sp3" },
      { name: "app", count: 2, vcpu: 1, memoryGiB: 4, diskGiB: 20, image: "openeuler-22.03" },
    ],
    recovery: { class: "local", rtoMinutes: 60, rpoMinutes: 15, pairJurisdiction: "" },
    capabilities: { reuse: ["unified-identity"], exemptions: [] },
    term: { start: "2026-12-01", end: "2027-11-30", days: 365 },
  };
}
