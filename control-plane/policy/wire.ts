import { z } from "@hono/zod-openapi";
import { pageQuery } from "../http/page.ts";
import { slug, text } from "../kernel/input.ts";
import { EXEMPTION_CATEGORIES } from "./exemption.ts";
import type { CompiledPolicy } from "./policy-set.ts";
import type { PolicyScope } from "./schema.ts";

const kind = z.enum(["QuotaPolicy", "SecurityBaseline", "AllocationPolicy", "ReusePolicy"]);
const subject = z.enum(["request", "placement", "tenancy", "resource", "cloud", "organization"]);
const action = z.enum(["deny", "require-approval", "warn", "audit"]);

export const ListPolicies = z.strictObject({
  ...pageQuery,
  kind: kind.optional(),
  subject: subject.optional(),
  action: action.optional(),
});

export const GetPolicy = z.strictObject({ id: slug });

/** What excuses a violation. */
export const AppliedExemption = z
  .object({
    id: z.string(),
    category: z.enum(EXEMPTION_CATEGORIES),
    expiresOn: z.iso.date().describe("The last day on which it holds, in China"),
  })
  .openapi("AppliedExemption");

/** A policy as it is written; its expressions are shown as text. */
export const Policy = z
  .object({
    id: z.string(),
    pack: z.string(),
    version: z.int(),
    kind,
    rule: z.string(),
    title: text,
    basis: z.array(
      z.object({ standard: z.string(), clause: z.string().optional(), note: z.string().optional() }),
    ),
    subject,
    action,
    severity: z.enum(["high", "medium", "low"]),
    assessment: z.enum(["automatic", "partial", "attested", "out_of_scope"]),
    effective: z
      .object({ from: z.iso.date().nullable(), until: z.iso.date().nullable() })
      .describe("First and last day in China; null: from its activation, until it is retired"),
    scope: z
      .object({
        clouds: z.array(z.string()),
        organizations: z.array(z.string()).describe("With everything below them"),
        selector: z.string().nullable(),
      })
      .nullable()
      .describe("The part of the province it is for; null: all of it"),
    inherits: z.string().nullable().describe("The policy of a higher level, which it tightens or replaces"),
    lowerLevels: z.enum(["tighten", "replace"]).describe("What policies that inherit from it may do"),
    match: z.string().nullable().describe("Where the rule applies; null: everywhere"),
    validations: z.array(
      z.object({
        id: z.string().nullable(),
        expression: z.string(),
        actual: z.string(),
        required: z.string(),
        message: text,
      }),
    ),
    approvers: z.array(z.object({ role: z.string(), scope: z.enum(["province", "cloud", "organization"]) })),
    why: text.nullable().describe("What the configuration does not show of it"),
    remediation: text.nullable(),
  })
  .openapi("Policy");
export type Policy = z.infer<typeof Policy>;

export function policyOf({ pack, document, severity, subject, validations }: CompiledPolicy): Policy {
  const { kind, metadata, spec } = document;
  return {
    id: metadata.id,
    pack,
    version: metadata.version,
    kind,
    rule: metadata.rule,
    title: metadata.title,
    basis: spec.basis,
    subject,
    action: spec.action,
    severity,
    assessment: spec.assessment,
    effective: { from: metadata.effective?.from ?? null, until: metadata.effective?.until ?? null },
    scope: scopeOf(spec.scope),
    inherits: spec.inherits ?? null,
    lowerLevels: spec.lowerLevels ?? "tighten",
    match: spec.match ?? null,
    validations: spec.validations.map(({ expression, actual, required, message }, index) => ({
      id: validations[index]?.id ?? null,
      expression,
      actual,
      required,
      message: message ?? metadata.title,
    })),
    approvers: spec.approvers ?? [],
    why: spec.why ?? null,
    remediation: spec.remediation ?? null,
  };
}

function scopeOf(scope: PolicyScope | undefined): Policy["scope"] {
  if (scope === undefined) return null;
  const { clouds = [], organizations = [], selector = null } = scope;
  return { clouds, organizations, selector };
}
