import { z } from "zod";
import { slug } from "../kernel/input.ts";
import { allOf, type CompiledExpression, compileExpression, ExpressionError } from "./expression.ts";
import type { Subject } from "./fact-shape.ts";
import { listOf } from "./scope-conditions.ts";

/** `Waiver`: the risk is accepted for a time. `Mitigated`: another measure does what the rule is for. */
export const EXEMPTION_CATEGORIES = ["Waiver", "Mitigated"] as const;
export type ExemptionCategory = (typeof EXEMPTION_CATEGORIES)[number];

/** What a violation says of the exemption that excuses it. */
export interface AppliedExemption {
  readonly id: string;
  readonly category: ExemptionCategory;
  /** The last day on which it holds, in China. */
  readonly expiresOn: string;
}

export interface CompiledExemption {
  readonly applied: AppliedExemption;
  /** The validations of the rule that it is for; null for all of them. */
  readonly validations: readonly string[] | null;
  /** What it is for. */
  readonly resources: CompiledExpression;
}

const ids = z.array(slug).min(1).max(64).optional();

/** Which resources an exemption is for. What is named must all be so; of each list one. */
export const exemptedResources = z
  .strictObject({
    tenancies: ids,
    systems: ids,
    organizations: ids.describe("With everything below them"),
    clouds: ids,
    pools: ids,
    selector: z.string().min(1).max(2000).optional().describe("A condition on the facts, in CEL"),
  })
  .refine((value) => Object.values(value).some((part) => part !== undefined), "names nothing");
export type ExemptedResources = z.infer<typeof exemptedResources>;

const IDS_IN: Readonly<Record<Exclude<keyof ExemptedResources, "selector">, (list: string) => string>> = {
  tenancies: (list) => `request.tenancyId in ${list}`,
  systems: (list) => `request.system.id in ${list}`,
  organizations: (list) => `organization.path.exists(above, above in ${list})`,
  clouds: (list) => `cloud.id in ${list}`,
  pools: (list) => `pool.id in ${list}`,
};

/**
 * Whether facts about a subject are about one of the resources.
 * @throws ExpressionError naming the part that cannot be asked of this subject
 */
export function compileResources(subject: Subject, resources: ExemptedResources): CompiledExpression {
  const conditions = Object.entries(IDS_IN).flatMap(([kind, textOf]) => {
    const named = resources[kind as keyof typeof IDS_IN];
    return named === undefined ? [] : [{ kind, text: textOf(listOf(named)) }];
  });
  const { selector } = resources;
  if (selector !== undefined) conditions.push({ kind: "selector", text: selector });
  const compiled = allOf(conditions.map(({ kind, text }) => compilePart(subject, kind, text)));
  if (compiled === null) throw new RangeError("an exemption that names nothing");
  return compiled;
}

function compilePart(subject: Subject, kind: string, text: string): CompiledExpression {
  try {
    return compileExpression(subject, text, "bool");
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { reason, ...problem } = error.problem;
    throw new ExpressionError({ ...problem, reason: `resources.${kind}: ${reason}` });
  }
}
