import { z } from "zod";
import { slug } from "../kernel/input.ts";

export const API_VERSION = "yunheng/v1";

/** The roles of `authz/roles.ts` that may approve; another one would make a request impossible to approve. */
export const APPROVING_ROLES = ["approver"] as const;

const text = z.strictObject({ zh: z.string().min(1).max(500), en: z.string().min(1).max(500) });
const kebabId = z
  .string()
  .max(63)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "must be lower-case words joined by hyphens");

/** A CEL expression; whole numbers and true/false may be written without quotes. */
const expression = z
  .union([z.string().min(1).max(2000), z.int(), z.boolean()])
  .transform((value) => String(value));

/** A civil date in China. */
const day = z.iso.date();

const metadata = z.strictObject({
  id: kebabId.describe("Equals the name of the folder"),
  version: z.int().positive().describe("Raised with every change of meaning"),
  rule: z
    .string()
    .max(24)
    .regex(/^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$/, "must be a code such as P1 or P2-LOCAL")
    .describe("Short code that refusals and reports print; unique in its pack"),
  title: text,
  effective: z
    .strictObject({ from: day.optional(), until: day.optional() })
    .refine(({ from, until }) => from === undefined || until === undefined || from <= until, "ends first")
    .optional()
    .describe("First and last day in China; without them from its activation until it is retired"),
});

/** Where a policy is kept within the province; what is named must all be so, of each list one. */
const scope = z
  .strictObject({
    clouds: z.array(slug).min(1).max(64).optional().describe("On one of these clouds"),
    organizations: z
      .array(slug)
      .min(1)
      .max(64)
      .optional()
      .describe("Asked by one of these organizations, or by one below it"),
    selector: expression.optional().describe("Any further condition on the facts"),
  })
  .refine((value) => Object.values(value).some((part) => part !== undefined), "names nothing");

const basis = z.strictObject({
  standard: z
    .string()
    .min(1)
    .max(200)
    .describe('A standard or document; "local" for a policy of the province'),
  clause: z.string().min(1).max(60).optional(),
  note: z.string().min(1).max(500).optional(),
});

const validation = z.strictObject({
  id: kebabId.optional(),
  expression: expression.describe("True where the rule is kept"),
  message: text.optional().describe("Defaults to the title"),
  actual: expression.describe("What was found, any type"),
  required: expression.describe("What is asked for, any type"),
});

const approver = z.strictObject({
  role: z.enum(APPROVING_ROLES).describe("Role of which one holder has to approve"),
  scope: z
    .enum(["province", "cloud", "organization"])
    .describe("Which part of the tree that holder answers for"),
});

const commonSpec = {
  basis: z.array(basis).min(1).max(16),
  subject: z.enum(["request", "placement", "tenancy", "resource", "cloud", "organization"]),
  scope: scope.optional().describe("The part of the province it is for; all of it when absent"),
  inherits: kebabId.optional().describe("The policy of a higher level that this one tightens or replaces"),
  lowerLevels: z
    .enum(["tighten", "replace"])
    .optional()
    .describe("What policies that inherit from this one may do; tighten when absent"),
  match: expression.optional().describe("Where the rule applies; everywhere when absent"),
  validations: z.array(validation).max(32).default([]).describe("None where nothing but evidence can tell"),
  action: z.enum(["deny", "require-approval", "warn", "audit"]),
  severity: z.enum(["high", "medium", "low"]).optional(),
  assessment: z.enum(["automatic", "partial", "attested", "out_of_scope"]),
  approvers: z.array(approver).min(1).max(4).optional().describe("With require-approval, and only there"),
  why: text.optional().describe("Unless automatic: what the configuration does not show, and who can tell"),
  remediation: text.optional(),
};

const weight = z.int().min(0).max(1000);

const preferences = z.strictObject({
  locality: z
    .array(z.enum(["own_city", "provincial", "sector_industry"]))
    .min(1)
    .refine((order) => new Set(order).size === order.length, "names a locality twice")
    .describe("Best first"),
  strategy: z.enum(["spread", "pack"]),
  weights: z
    .strictObject({ locality: weight, strategy: weight, architecture: weight })
    .refine((weights) => Object.values(weights).some((value) => value > 0), "at least one must be above 0")
    .describe("By scorer of the placement"),
});

const header = { apiVersion: z.literal(API_VERSION), metadata };
const spec = z
  .strictObject(commonSpec)
  .superRefine(approversFitAction)
  .superRefine(heirsHaveScope)
  .superRefine(somethingIsJudged);
const allocationSpec = z
  .strictObject({ ...commonSpec, preferences: preferences.optional() })
  .superRefine(approversFitAction)
  .superRefine(heirsHaveScope)
  .superRefine(somethingIsJudged)
  .refine(
    ({ scope: part, preferences: stated }) => part === undefined || stated === undefined,
    "preferences are the province's: not with a scope",
  );

/** A rule without any validation would always be kept: only evidence, or nobody here, can tell. */
function somethingIsJudged(
  value: { assessment: string; validations: readonly unknown[]; why?: unknown },
  issues: z.RefinementCtx,
): void {
  if (value.validations.length > 0) return;
  const toldElsewhere = value.assessment === "attested" || value.assessment === "out_of_scope";
  const [path, message] = toldElsewhere
    ? ["why", "says why nothing is validated"]
    : ["validations", "only attested and out_of_scope may have none"];
  if (!toldElsewhere || value.why === undefined) issues.addIssue({ code: "custom", path: [path], message });
}

function approversFitAction(
  value: { action: string; approvers?: unknown; validations: readonly { id?: string | undefined }[] },
  issues: z.RefinementCtx,
): void {
  const needed = value.action === "require-approval";
  if (needed !== (value.approvers !== undefined)) {
    const message = needed ? "require-approval needs approvers" : "approvers belong to require-approval only";
    issues.addIssue({ code: "custom", path: ["approvers"], message });
  }
  const ids = value.validations.flatMap(({ id }) => id ?? []);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    issues.addIssue({
      code: "custom",
      path: ["validations"],
      message: `validation id ${twice} is used twice`,
    });
  }
}

/** Inheritance goes downwards: an heir that is for the whole province would stand beside, not below. */
function heirsHaveScope(value: { inherits?: unknown; scope?: unknown }, issues: z.RefinementCtx): void {
  if (value.inherits === undefined || value.scope !== undefined) return;
  issues.addIssue({ code: "custom", path: ["inherits"], message: "belongs to a policy with a scope" });
}

/** One `policy.yaml`. */
export const policyDocument = z.discriminatedUnion("kind", [
  z.strictObject({ ...header, kind: z.literal("QuotaPolicy"), spec }),
  z.strictObject({ ...header, kind: z.literal("SecurityBaseline"), spec }),
  z.strictObject({ ...header, kind: z.literal("AllocationPolicy"), spec: allocationSpec }),
  z.strictObject({ ...header, kind: z.literal("ReusePolicy"), spec }),
]);

export type PolicyDocument = z.infer<typeof policyDocument>;
export type PolicyAction = PolicyDocument["spec"]["action"];
export type PolicyScope = z.infer<typeof scope>;
export type PolicyBasis = z.infer<typeof basis>;
export type PolicyAssessment = PolicyDocument["spec"]["assessment"];
export type PolicyApprover = z.infer<typeof approver>;
export type Severity = NonNullable<PolicyDocument["spec"]["severity"]>;
/** How placement ranks the pools that every rule lets pass. */
export type PlacementPreferences = z.infer<typeof preferences>;
