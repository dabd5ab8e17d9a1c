import { compilePolicy } from "./compile.ts";
import type { CompiledPolicy } from "./policy-set.ts";

/** Fields of `spec` and of `metadata`, as YAML in flow style. */
export interface PolicyFields {
  readonly id?: string;
  readonly version?: number;
  readonly metadata?: string;
  readonly spec?: Readonly<Record<string, string>>;
}

/** A rule that nothing keeps, unless its fields say otherwise. */
export function policyYaml({
  id = "never",
  version = 1,
  metadata = "",
  spec = {},
}: PolicyFields = {}): string {
  const fields = {
    basis: "[{ standard: local }]",
    subject: "placement",
    validations: '[{ expression: request.purpose == "never", actual: request.purpose, required: 0 }]',
    action: "deny",
    assessment: "automatic",
    ...spec,
  };
  const rule = id.toUpperCase();
  return `apiVersion: yunheng/v1
kind: SecurityBaseline
metadata: { id: ${id}, version: ${version}, rule: ${rule}, title: { zh: 测试, en: Test }${metadata} }
spec:
${Object.entries(fields)
  .map(([name, value]) => `  ${name}: ${value}\n`)
  .join("")}`;
}

export function policyOf(fields: PolicyFields = {}): CompiledPolicy {
  const { policy, issues } = compilePolicy({ pack: "test", file: "policy.yaml", text: policyYaml(fields) });
  if (policy === null) throw new Error(issues.map(({ reason }) => reason).join("\n"));
  return policy;
}
