import { allOf, type CompiledExpression, compileExpression, ExpressionError } from "./expression.ts";
import type { Subject } from "./fact-shape.ts";
import type { CompiledPolicy } from "./policy-set.ts";
import { type PolicyAction, type PolicyDocument, policyDocument, type Severity } from "./schema.ts";
import { type Condition, scopeConditions } from "./scope-conditions.ts";
import { type Path, type PolicyIssue, YamlDocument } from "./yaml-document.ts";

type Compiled =
  | { readonly policy: CompiledPolicy; readonly issues: readonly [] }
  | { readonly policy: null; readonly issues: readonly PolicyIssue[] };

const SEVERITY: Readonly<Record<PolicyAction, Severity>> = {
  deny: "high",
  "require-approval": "medium",
  warn: "low",
  audit: "low",
};

/** Documents that are kept, read again under the rules by which they were accepted. @throws Error where one is broken */
export function compileKept(pack: string, file: string, document: PolicyDocument): CompiledPolicy {
  const compiled = compilePolicy({ pack, file, text: JSON.stringify(document) });
  if (compiled.policy !== null) return compiled.policy;
  throw new Error(
    `${file} cannot be used any more: ${compiled.issues.map(({ reason }) => reason).join("; ")}`,
  );
}

/** Turns the text of one `policy.yaml` into a policy, or into every reason why it is none. Pure. */
export function compilePolicy(source: { pack: string; file: string; text: string }): Compiled {
  const yaml = new YamlDocument(source.file, source.text);
  if (yaml.issues.length > 0) return { policy: null, issues: yaml.issues };
  const parsed = policyDocument.safeParse(yaml.value);
  if (!parsed.success) return { policy: null, issues: yaml.issuesOf(parsed.error) };
  const { subject } = parsed.data.spec;
  return compileSpec({ pack: source.pack, file: source.file, document: parsed.data, subject }, yaml);
}

function compileSpec(
  header: { pack: string; file: string; document: PolicyDocument; subject: Subject },
  yaml: YamlDocument,
): Compiled {
  const { spec, metadata } = header.document;
  const issues: PolicyIssue[] = [];
  const compile = (path: Path, text: string, expected: "bool" | "any"): CompiledExpression => {
    try {
      return compileExpression(header.subject, text, expected);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      const { offset, reason, code } = error.problem;
      issues.push(yaml.issueInside(path, offset, `${path.join(".")}: ${reason}`, code));
      return Object.assign(() => null, { reads: [] });
    }
  };
  const bool = ({ path, text }: Condition) => compile(["spec", ...path], text, "bool");
  const scope = allOf(scopeConditions(spec.scope).map(bool));
  const match = spec.match === undefined ? null : bool({ path: ["match"], text: spec.match });
  const policy: CompiledPolicy = {
    ...header,
    severity: spec.severity ?? SEVERITY[spec.action],
    scope,
    match: allOf([scope, match]),
    exemptions: [],
    validations: spec.validations.map((validation, index) => {
      const at = ["spec", "validations", index];
      return {
        id: validation.id ?? null,
        message: validation.message ?? metadata.title,
        expression: compile([...at, "expression"], validation.expression, "bool"),
        actual: compile([...at, "actual"], validation.actual, "any"),
        required: compile([...at, "required"], validation.required, "any"),
      };
    }),
  };
  return issues.length > 0 ? { policy: null, issues } : { policy, issues: [] };
}
