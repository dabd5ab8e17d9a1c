import { allOf, type CompiledExpression, not } from "./expression.ts";
import type { CompiledPolicy } from "./policy-set.ts";
import type { PolicyAction } from "./schema.ts";
import type { PolicyIssueCode } from "./yaml-document.ts";

/** What is wrong between a policy and the one that it inherits from. */
interface InheritanceIssue {
  readonly policy: CompiledPolicy;
  readonly code: PolicyIssueCode;
  readonly reason: string;
}

const STRICTNESS: readonly PolicyAction[] = ["audit", "warn", "require-approval", "deny"];

/**
 * Policies with their inheritance worked out. An heir stands beside its parent, so that it can only tighten, and
 * applies nowhere outside the scopes above it; only where the parent lets itself be replaced does it step back
 * within the scope of its heir. Parents that are not in force ask for nothing.
 */
export function withInheritance(policies: readonly CompiledPolicy[]): CompiledPolicy[] {
  const byId = byIdOf(policies);
  const replacing = new Map<string, CompiledPolicy[]>();
  for (const heir of policies) {
    const parent = byId.get(heir.document.spec.inherits ?? "");
    if (parent?.document.spec.lowerLevels !== "replace") continue;
    const { id } = parent.document.metadata;
    replacing.set(id, [...(replacing.get(id) ?? []), heir]);
  }
  return policies.map((policy) => {
    const above = scopesOf(ancestorsOf(policy, byId));
    const below = scopesOf(replacing.get(policy.document.metadata.id) ?? []);
    return linked(policy, above, below);
  });
}

function scopesOf(policies: readonly CompiledPolicy[]): CompiledExpression[] {
  return policies.flatMap(({ scope }) => scope ?? []);
}

interface Linked {
  readonly scopes: readonly CompiledExpression[];
  readonly policy: CompiledPolicy;
}

/** The same object for the same inheritance: whoever compares two sets sees what differs. */
const LINKED = new WeakMap<CompiledPolicy, Linked>();

function linked(
  policy: CompiledPolicy,
  above: readonly CompiledExpression[],
  below: readonly CompiledExpression[],
): CompiledPolicy {
  const scopes = [...above, ...below];
  if (scopes.length === 0) return policy;
  const known = LINKED.get(policy);
  const same = known?.scopes.length === scopes.length && known.scopes.every((one, at) => one === scopes[at]);
  if (known !== undefined && same) return known.policy;
  const made = { ...policy, match: allOf([policy.match, ...above, ...below.map(not)]) };
  LINKED.set(policy, { scopes, policy: made });
  return made;
}

/** Everything that forbids the inheritance between these policies. */
export function inheritanceIssues(policies: readonly CompiledPolicy[]): InheritanceIssue[] {
  const byId = byIdOf(policies);
  return policies.flatMap((policy) => {
    const { inherits } = policy.document.spec;
    if (inherits === undefined) return [];
    const parent = byId.get(inherits);
    if (parent === undefined) {
      return [
        { policy, code: "policy.inheritance_invalid", reason: `inherits from unknown policy ${inherits}` },
      ];
    }
    return [...cycleIssues(policy, byId), ...pairIssues(policy, parent)];
  });
}

function cycleIssues(policy: CompiledPolicy, byId: ReadonlyMap<string, CompiledPolicy>): InheritanceIssue[] {
  const chain = [policy, ...ancestorsOf(policy, byId)];
  if (parentOf(chain.at(-1) ?? policy, byId) === undefined) return [];
  const names = chain.map(({ document }) => document.metadata.id).join(" < ");
  return [{ policy, code: "policy.inheritance_cycle", reason: `inherits from itself: ${names}` }];
}

function pairIssues(policy: CompiledPolicy, parent: CompiledPolicy): InheritanceIssue[] {
  const [own, above] = [policy.document, parent.document];
  const issues: InheritanceIssue[] = [];
  if (own.kind !== above.kind || policy.subject !== parent.subject) {
    const reason = `inherits from ${above.metadata.id}, which is of another kind or subject`;
    issues.push({ policy, code: "policy.inheritance_invalid", reason });
  }
  const weaker = STRICTNESS.indexOf(own.spec.action) < STRICTNESS.indexOf(above.spec.action);
  if (weaker && above.spec.lowerLevels !== "replace") {
    const reason = `${own.spec.action} is weaker than ${above.spec.action} of ${above.metadata.id}, which does not let itself be replaced`;
    issues.push({ policy, code: "policy.loosens", reason });
  }
  return issues;
}

/** From the parent upwards; in a cycle until it closes, without the policy itself. */
function ancestorsOf(policy: CompiledPolicy, byId: ReadonlyMap<string, CompiledPolicy>): CompiledPolicy[] {
  const found = new Set<CompiledPolicy>();
  for (
    let next = parentOf(policy, byId);
    next !== undefined && next !== policy;
    next = parentOf(next, byId)
  ) {
    if (found.has(next)) break;
    found.add(next);
  }
  return [...found];
}

function parentOf(policy: CompiledPolicy, byId: ReadonlyMap<string, CompiledPolicy>) {
  return byId.get(policy.document.spec.inherits ?? "");
}

function byIdOf(policies: readonly CompiledPolicy[]): ReadonlyMap<string, CompiledPolicy> {
  return new Map(policies.map((policy) => [policy.document.metadata.id, policy]));
}
