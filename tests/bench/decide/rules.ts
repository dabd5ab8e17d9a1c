import { fileURLToPath } from "node:url";
import { compilePolicy } from "../../../control-plane/policy/compile.ts";
import { loadPolicies } from "../../../control-plane/policy/load.ts";
import {
  type CompiledPolicy,
  type PolicySet,
  policySetOf,
} from "../../../control-plane/policy/policy-set.ts";

interface Rule {
  readonly subject: "request" | "placement";
  readonly match?: string;
  readonly expression: string;
  readonly actual: string;
  readonly required: string;
  readonly action?: "deny" | "warn" | "audit";
}

const NEW = 'request.kind in ["create", "resize"]';
const LIVE = `${NEW} && request.environment == "production"`;

/** What a province adds to the pack: of the kinds that such rules are of, over every section of the facts. */
const RULES: readonly Rule[] = [
  request("request.purpose.size() >= 4", "request.purpose", '"a purpose"', LIVE),
  request("request.system.name.size() <= 60", "request.system.name", "60"),
  request("request.instances.all(i, i.count <= 200)", "request.instances.map(i, i.count)", "200"),
  request("request.instances.all(i, i.vcpu <= 64)", "request.instances.map(i, i.vcpu)", "64"),
  request("request.instances.all(i, i.memoryGiB <= 1024)", "request.instances.map(i, i.memoryGiB)", "1024"),
  request("request.resources.GPU <= 64", "request.resources.GPU", "64"),
  request(
    "request.resources.VCPU * 16 >= request.resources.MEMORY_GIB",
    "request.resources.MEMORY_GIB",
    '"16 per VCPU"',
    NEW,
    "warn",
  ),
  request("request.resources.OBJECT_STORAGE_GIB <= 500000", "request.resources.OBJECT_STORAGE_GIB", "500000"),
  request("request.resources.BANDWIDTH_MBPS <= 2000", "request.resources.BANDWIDTH_MBPS", "2000"),
  request(
    '!request.network.internetExposed || request.system.filingNo != ""',
    "request.system.filingNo",
    '"a filing number"',
    LIVE,
  ),
  request(
    'request.recovery.class == "none" || request.recovery.rtoMinutes <= 1440',
    "request.recovery.rtoMinutes",
    "1440",
  ),
  request(
    'organization.level != "county" || request.resources.VCPU <= 512',
    "request.resources.VCPU",
    "512",
    NEW,
    "warn",
  ),
  request(
    'request.instances.all(i, !i.image.startsWith("windows-2008"))',
    "request.instances.map(i, i.image)",
    '"a supported image"',
  ),
  placement(
    'cloud.operatingModel == "separated" || request.system.mlpsLevel < 4',
    "cloud.operatingModel",
    '"separated"',
  ),
  placement(
    'cloud.tier != "industry" || organization.sector == cloud.sector',
    "cloud.sector",
    "organization.sector",
  ),
  placement(
    "cloud.securityAssessmentValidUntil >= request.term.start",
    "cloud.securityAssessmentValidUntil",
    "request.term.start",
    LIVE,
  ),
  placement(
    "cloud.securityAssessmentValidUntil >= request.term.end",
    "cloud.securityAssessmentValidUntil",
    "request.term.end",
    LIVE,
    "audit",
  ),
  placement(
    "cloud.cryptoAssessmentValidUntil >= request.term.start",
    "cloud.cryptoAssessmentValidUntil",
    "request.term.start",
    LIVE,
  ),
  placement('cloud.country == "CN" || request.system.dataClass == "general"', "cloud.country", '"CN"'),
  placement(
    "provinceOf(cloud.jurisdiction) == provinceOf(organization.jurisdiction)",
    "cloud.jurisdiction",
    "organization.jurisdiction",
    LIVE,
    "audit",
  ),
  placement('pool.zone != "internet" || request.system.mlpsLevel <= 3', "pool.zone", '"extranet"'),
  placement('pool.zone == "dedicated" || request.system.dataClass != "core"', "pool.zone", '"dedicated"'),
  placement("pool.encryption || request.system.mlpsLevel < 3", "pool.encryption", "true", LIVE, "warn"),
  placement("pool.dedicated || request.resources.VCPU < 1000", "pool.dedicated", "true", NEW, "warn"),
  placement(
    'pool.traits.exists(t, t == "storage:ssd") || request.resources.BLOCK_STORAGE_GIB < 100000',
    "pool.traits",
    '["storage:ssd"]',
  ),
  placement('!("maintenance" in pool.traits)', "pool.traits", "[]"),
  placement('!("end-of-life" in pool.traits)', "pool.traits", "[]", NEW, "warn"),
  placement(
    'pool.architecture != "intel" || !request.requirements.xinchuang',
    "pool.architecture",
    '"a xinchuang family"',
  ),
  placement(
    'pool.faultDomains >= 2 || request.environment != "production"',
    "pool.faultDomains",
    "2",
    NEW,
    "audit",
  ),
  placement("pool.reservePercent >= 15", "pool.reservePercent", "15", `${NEW} && part.role == "primary"`),
  placement(
    "pool.reservePercent >= 30",
    "pool.reservePercent",
    "30",
    `${NEW} && request.resources.VCPU > 500`,
    "warn",
  ),
  placement("pool.mlpsLevel <= cloud.mlpsLevel", "pool.mlpsLevel", "cloud.mlpsLevel", NEW, "audit"),
  placement(
    'recovery.cloudId == "" || recovery.country == cloud.country',
    "recovery.country",
    "cloud.country",
  ),
  placement(
    'recovery.cloudId == "" || recovery.mlpsLevel >= cloud.mlpsLevel',
    "recovery.mlpsLevel",
    "cloud.mlpsLevel",
    `${LIVE} && part.role == "primary"`,
    "warn",
  ),
  placement('part.role != "edge" || pool.zone == "internet"', "pool.zone", '"internet"'),
  placement(
    'part.role != "recovery" || pool.encryption || request.system.dataClass == "general"',
    "pool.encryption",
    "true",
  ),
];

function request(
  expression: string,
  actual: string,
  required: string,
  match = NEW,
  action: Rule["action"] = "deny",
): Rule {
  return { subject: "request", expression, actual, required, match, action };
}

function placement(
  expression: string,
  actual: string,
  required: string,
  match = NEW,
  action: Rule["action"] = "deny",
): Rule {
  return { subject: "placement", expression, actual, required, match, action };
}

/** The pack `core`, and local rules up to sixty that a request is judged by. */
export async function sixtyRules(): Promise<PolicySet> {
  const core = await loadPolicies([fileURLToPath(new URL("../../../policies", import.meta.url))]);
  return policySetOf([...core.policies, ...RULES.map(compiled)]);
}

function compiled(rule: Rule, at: number): CompiledPolicy {
  const title = { zh: `本省规则 ${at + 1}`, en: `Provincial rule ${at + 1}` };
  const { subject, match, expression, actual, required, action } = rule;
  const text = JSON.stringify({
    apiVersion: "yunheng/v1",
    kind: "SecurityBaseline",
    metadata: { id: `province-${at + 1}`, version: 1, rule: `B${at + 1}`, title },
    spec: {
      basis: [{ standard: "local" }],
      subject,
      match,
      validations: [{ expression, actual, required }],
      action,
      assessment: "automatic",
    },
  });
  const { policy, issues } = compilePolicy({ pack: "bench", file: `province-${at + 1}`, text });
  if (policy === null) throw new Error(issues.map(({ reason }) => reason).join("\n"));
  return policy;
}
