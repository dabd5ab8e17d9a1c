import type { ObservedInstance, ObservedTenancy } from "../../providers/port.ts";
import { compilePolicy } from "../policy/compile.ts";
import { type CompiledPolicy, type PolicySet, policySetOf } from "../policy/policy-set.ts";
import type { PolicyAssessment } from "../policy/schema.ts";
import type { ObservedPlacement } from "../provisioning/desired.ts";

interface RuleFixture {
  readonly id: string;
  readonly subject: string;
  readonly validations: readonly string[];
  readonly match?: string;
  readonly assessment?: PolicyAssessment;
  readonly severity?: string;
  readonly title?: string;
}

/** A rule of the pack `test`, with one validation for each expression. */
export function ruleOf(rule: RuleFixture): CompiledPolicy {
  const { id, subject, validations, match, assessment = "automatic", severity, title = id } = rule;
  const text = JSON.stringify({
    apiVersion: "yunheng/v1",
    kind: "SecurityBaseline",
    metadata: { id, version: 1, rule: id.toUpperCase(), title: { zh: `规则${title}`, en: title } },
    spec: {
      basis: [{ standard: "GB/T 22239-2019", clause: "8.1.4.1" }],
      subject,
      ...(match === undefined ? {} : { match }),
      ...(severity === undefined ? {} : { severity }),
      validations: validations.map((expression, at) => ({
        id: `v${at + 1}`,
        expression,
        actual: '"found"',
        required: '"wanted"',
      })),
      action: "warn",
      assessment,
      remediation: { zh: `请整改${id}`, en: `Put ${id} right` },
    },
  });
  const { policy, issues } = compilePolicy({ pack: "test", file: id, text });
  if (policy === null) throw new Error(issues.map(({ reason }) => reason).join("\n"));
  return policy;
}

/** One of every mode, and about every kind of thing. */
export function testRules(): PolicySet {
  return policySetOf([
    ruleOf({
      id: "grade",
      subject: "placement",
      severity: "high",
      validations: [
        "cloud.mlpsLevel >= request.system.mlpsLevel",
        "pool.mlpsLevel >= request.system.mlpsLevel",
      ],
    }),
    ruleOf({
      id: "isolated",
      subject: "resource",
      match: 'resource.kind == "tenancy"',
      severity: "high",
      validations: ["resource.isolated"],
    }),
    ruleOf({
      id: "image",
      subject: "resource",
      match: 'resource.kind == "instance"',
      validations: ['resource.image != "centos-7"'],
    }),
    ruleOf({
      id: "encrypted",
      subject: "tenancy",
      assessment: "partial",
      severity: "medium",
      validations: ["pool.encryption"],
    }),
    ruleOf({ id: "guarded", subject: "cloud", assessment: "attested", validations: ["true"] }),
    ruleOf({ id: "trained", subject: "organization", assessment: "out_of_scope", validations: ["true"] }),
  ]);
}

interface Shown {
  readonly pool: string;
  readonly isolated?: boolean;
  readonly images?: readonly string[];
}

/** What a cloud shows of a part. */
export function shownAt({ pool, isolated = true, images = ["kylin-v10-sp3"] }: Shown): ObservedPlacement {
  const ownership = {
    installation: "yunheng",
    tenancyId: "ten_1",
    placementId: "plc_1",
    organizationId: "gd-hrss",
  };
  const tenancy: ObservedTenancy = {
    ref: "project-1",
    name: "plc-1",
    ownership,
    state: "active",
    displayName: "社会保险",
    pool,
    zone: "extranet",
    quota: { VCPU: 64 },
    accessGroup: "gd-hrss",
    isolated,
    message: null,
  };
  const instances = images.map(
    (image, at): ObservedInstance => ({
      ref: `server-${at}`,
      tenancyRef: tenancy.ref,
      name: `app-${at + 1}`,
      ownership,
      state: "active",
      vcpu: 8,
      memoryGiB: 32,
      diskGiB: 200,
      image,
      message: null,
    }),
  );
  return { tenancy, instances };
}
