import { compilePolicy } from "../../../control-plane/policy/compile.ts";
import {
  type CompiledPolicy,
  type PolicySet,
  policySetOf,
} from "../../../control-plane/policy/policy-set.ts";

type Subject = "tenancy" | "resource" | "cloud" | "organization";

/** In the words that CEL and Cedar have in common, so that every engine is asked the very same. */
export interface BenchRule {
  readonly subject: Subject;
  /** Null: everywhere. */
  readonly match: string | null;
  readonly expression: string;
}

const LIVE = 'request.environment == "production"';
const GRADED = "request.system.mlpsLevel >= 3";
const IMPORTANT = '(request.system.dataClass == "important" || request.system.dataClass == "core")';
const INSTANCE = 'resource.kind == "instance"';

const tenancy: readonly (readonly [string | null, string])[] = [
  [null, "cloud.mlpsLevel >= request.system.mlpsLevel"],
  [null, "pool.mlpsLevel >= request.system.mlpsLevel"],
  [GRADED, "pool.tenantIsolation"],
  [GRADED, "pool.encryption"],
  [IMPORTANT, 'cloud.country == "CN" && cloud.operationsCountry == "CN"'],
  [IMPORTANT, "pool.encryption && pool.tenantIsolation"],
  [`${LIVE} && ${GRADED}`, 'request.recovery.class == "remote" || request.recovery.class == "same_city"'],
  [LIVE, "pool.faultDomains >= 2"],
  [`${LIVE} && ${IMPORTANT}`, "request.recovery.rpoMinutes <= 60"],
  ["request.network.internetExposed", 'pool.zone == "internet"'],
  ["request.network.internetExposed", "request.system.mlpsLevel <= 3"],
  ["request.requirements.xinchuang", "pool.xinchuang"],
  ["request.requirements.xinchuang", 'pool.architecture == "kunpeng" || pool.architecture == "phytium"'],
  [LIVE, 'request.system.filingNo != ""'],
  [LIVE, 'request.projectApprovalNo != ""'],
  [null, "request.resources.VCPU * 8 >= request.resources.MEMORY_GIB"],
  [null, "request.resources.VCPU <= 256"],
  [null, "request.resources.BLOCK_STORAGE_GIB <= 20000"],
  [null, "request.resources.PUBLIC_IPV4 <= 4"],
  ['request.environment == "test"', "request.term.days <= 365"],
  [LIVE, "request.term.days <= 1095"],
  ['cloud.tier == "industry"', "cloud.sector == organization.sector"],
];

const resource: readonly (readonly [string | null, string])[] = [
  [null, 'resource.marked && resource.state != "error"'],
  [INSTANCE, 'resource.image != "windows-2012" && resource.diskGiB >= 40'],
  [`${INSTANCE} && ${GRADED}`, "resource.isolated && resource.vcpu * 16 >= resource.memoryGiB"],
];

const cloud: readonly (readonly [string | null, string])[] = [
  [null, 'cloud.country == "CN"'],
  [null, 'cloud.operationsCountry == "CN"'],
  ...[1, 2, 3, 4].map((level) => [`cloud.mlpsLevel == ${level}`, 'cloud.jurisdiction != ""'] as const),
  ...["provincial", "municipal", "industry"].flatMap((tier) => [
    [`cloud.tier == "${tier}"`, "cloud.mlpsLevel >= 3"] as const,
    [`cloud.tier == "${tier}"`, 'cloud.securityAssessmentValidUntil != ""'] as const,
    [`cloud.tier == "${tier}"`, 'cloud.cryptoAssessmentValidUntil != ""'] as const,
  ]),
  ...["integrated", "separated"].flatMap((model) => [
    [`cloud.operatingModel == "${model}"`, "cloud.mlpsLevel >= 2"] as const,
    [`cloud.operatingModel == "${model}"`, 'cloud.tier != "industry" || cloud.sector != ""'] as const,
  ]),
  [null, 'cloud.id != ""'],
];

const organization: readonly (readonly [string | null, string])[] = [
  [null, 'organization.jurisdiction != ""'],
  [null, 'organization.kind != ""'],
  [null, 'organization.id != ""'],
  ...["province", "city", "county"].flatMap((level) =>
    ["government", "department", "bureau", "institution"].map(
      (kind) => [`organization.level == "${level}"`, `organization.kind != "${kind}-closed"`] as const,
    ),
  ),
];

const BY_SUBJECT = { tenancy, resource, cloud, organization } as const;

/** 22 about tenancies, 3 about single resources, 20 about clouds and 15 about organizations. */
export const BENCH_RULES: readonly BenchRule[] = Object.entries(BY_SUBJECT).flatMap(([subject, rules]) =>
  rules.map(([match, expression]) => ({ subject: subject as Subject, match, expression })),
);

export function benchPolicies(): PolicySet {
  return policySetOf(BENCH_RULES.map(compiled));
}

function compiled({ subject, match, expression }: BenchRule, at: number): CompiledPolicy {
  const title = { zh: `控制项 ${at + 1}`, en: `Control ${at + 1}` };
  const text = JSON.stringify({
    apiVersion: "yunheng/v1",
    kind: "SecurityBaseline",
    metadata: { id: idOf(at), version: 1, rule: `C${at + 1}`, title },
    spec: {
      basis: [{ standard: "local" }],
      subject,
      ...(match === null ? {} : { match }),
      validations: [{ expression, actual: true, required: true }],
      action: at % 3 === 0 ? "deny" : "warn",
      assessment: "automatic",
    },
  });
  const { policy, issues } = compilePolicy({ pack: "bench", file: idOf(at), text });
  if (policy === null) throw new Error(issues.map(({ reason }) => reason).join("\n"));
  return policy;
}

export function idOf(at: number): string {
  return `control-${at + 1}`;
}
