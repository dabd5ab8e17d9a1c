import { z } from "@hono/zod-openapi";
import { line, slug, text } from "../../kernel/input.ts";
import { Policy } from "../wire.ts";

const POLICY_CHARACTERS_MAX = 65_536;

const yaml = z
  .string()
  .min(1)
  .max(POLICY_CHARACTERS_MAX)
  .describe("The policy as it stands in a policy.yaml");
const pack = slug.default("local").describe("The pack that it belongs to");

const dryRun = z
  .enum(["true", "false"])
  .transform((value) => value === "true")
  .optional()
  .describe("Answers what would be, and keeps nothing");

export const ValidatePolicy = z.strictObject({
  yaml,
  pack,
  cases: z
    .string()
    .max(4 * POLICY_CHARACTERS_MAX)
    .optional()
    .describe("A cases.yaml to be run with it"),
});

export const DraftBody = z.strictObject({ yaml, pack });
export const DraftQuery = z.strictObject({ dryRun });
export const DraftPolicy = z.strictObject({ ...DraftBody.shape, ...DraftQuery.shape });

const versionPath = { id: slug, version: z.coerce.number().int().positive().max(1_000_000_000) };
export const OneVersion = z.strictObject(versionPath);
export const ListVersions = z.strictObject({ id: slug });
export const ActivatePolicy = z.strictObject({
  ...versionPath,
  ...DraftQuery.shape,
  ifMatch: z.int().optional(),
});
export const RetireBody = z.strictObject({ reason: line(500) });
export const RetirePolicy = z.strictObject({
  ...versionPath,
  ...RetireBody.shape,
  ifMatch: z.int().optional(),
});

const Change = z.object({
  path: z.string().describe("spec.validations[pool].expression"),
  before: z.unknown().describe("null where the version before says nothing"),
  after: z.unknown().describe("null where this version says nothing"),
});

const PolicyIssue = z.object({
  code: z.string(),
  line: z.int(),
  column: z.int(),
  reason: z.string(),
});

export const PolicyVersion = z
  .object({
    policy: Policy,
    source: z.enum(["file", "api"]).describe("file: found in a pack at a start"),
    status: z.enum(["draft", "active", "retired"]),
    inForce: z.boolean().describe("Decides now: active, begun, not over, and followed by none"),
    from: z.iso.datetime().nullable().describe("In force from then on; null for a draft"),
    until: z.iso.datetime().nullable().describe("And until then; null: nothing ends it"),
    author: z.string().nullable(),
    approver: z.string().nullable(),
    createdAt: z.iso.datetime(),
    activatedAt: z.iso.datetime().nullable(),
    retiredAt: z.iso.datetime().nullable(),
    reason: z.string().nullable().describe("Why it was retired"),
    contentHash: z.string(),
    difference: z.array(Change).describe("From the version before, or from nothing"),
    readable: z.array(z.string()).describe("The same, as lines"),
    generation: z.int(),
  })
  .openapi("PolicyVersion");
export type PolicyVersion = z.infer<typeof PolicyVersion>;

export const PolicyVersions = z.object({ items: z.array(PolicyVersion) });

export const PolicyValidation = z
  .object({
    valid: z.boolean(),
    issues: z.array(PolicyIssue),
    policy: Policy.nullable(),
    follows: z.int().nullable().describe("The version that it would follow"),
    from: z.iso.datetime().nullable().describe("In force from then on, were it activated now"),
    difference: z.array(Change),
    readable: z.array(z.string()),
    cases: z.array(z.object({ name: z.string(), line: z.int(), failure: z.string().nullable() })),
    message: text.nullable().describe("Why it could not be activated although it is sound by itself"),
    code: z.string().nullable().describe("The same as a fault code"),
  })
  .openapi("PolicyValidation");
export type PolicyValidation = z.infer<typeof PolicyValidation>;
