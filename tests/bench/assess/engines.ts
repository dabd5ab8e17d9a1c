import { celEnv, parse, plan } from "@bufbuild/cel";
import { type Context, preparsePolicySet, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import type { AssessmentFacts } from "../../../control-plane/policy/facts.ts";
import { BENCH_RULES, type BenchRule, idOf } from "./rules.ts";

/** One resource with the facts that the rules about it may name. */
export interface Subject {
  readonly about: BenchRule["subject"];
  readonly facts: Partial<AssessmentFacts>;
}

/** The ids of the rules that the subject does not keep, in their order. */
type Engine = (subject: Subject) => string[];

const rulesAbout = (about: Subject["about"]) =>
  BENCH_RULES.flatMap((rule, at) => (rule.subject === about ? [{ ...rule, id: idOf(at) }] : []));

const ABOUT = ["tenancy", "resource", "cloud", "organization"] as const;

/** The second CEL engine: planned once, asked rule by rule. Takes facts of `celSubject`. */
export function bufbuildCel(): Engine {
  const env = celEnv();
  const planned = new Map(
    ABOUT.map((about) => [
      about,
      rulesAbout(about).map(({ id, match, expression }) => ({
        id,
        match: match === null ? null : plan(env, parse(match)),
        expression: plan(env, parse(expression)),
      })),
    ]),
  );
  return ({ about, facts }) => {
    const bindings = facts as never;
    const failing: string[] = [];
    for (const { id, match, expression } of planned.get(about) ?? []) {
      if (match !== null && match(bindings) !== true) continue;
      if (expression(bindings) !== true) failing.push(id);
    }
    return failing;
  };
}

/** What it takes whole numbers as. */
export function celSubject({ about, facts }: Subject): Subject {
  return { about, facts: withBigInts(facts) as Subject["facts"] };
}

function withBigInts(value: unknown): unknown {
  if (typeof value === "number") return BigInt(value);
  if (Array.isArray(value)) return value.map(withBigInts);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withBigInts(inner)]));
}

/** Cedar: parsed once, asked all rules about a subject in one call, of which it tells those that forbid. */
export function cedar(): Engine {
  for (const about of ABOUT) {
    const staticPolicies = Object.fromEntries(rulesAbout(about).map((rule) => [rule.id, cedarText(rule)]));
    const answer = preparsePolicySet(about, { staticPolicies });
    if (answer.type !== "success") throw new Error(JSON.stringify(answer));
  }
  const uid = { type: "Subject", id: "it" };
  return ({ about, facts }) => {
    const answer = statefulIsAuthorized({
      principal: uid,
      action: { type: "Action", id: "assess" },
      resource: uid,
      context: contextOf(facts),
      preparsedPolicySetId: about,
      entities: [],
    });
    if (answer.type !== "success" || answer.response.diagnostics.errors.length > 0) {
      throw new Error(JSON.stringify(answer));
    }
    const { diagnostics } = answer.response;
    const failing = new Set(diagnostics.reason);
    return rulesAbout(about).flatMap(({ id }) => (failing.has(id) ? [id] : []));
  };
}

/** Facts are plain JSON of texts, whole numbers, lists and objects: all that a context may hold. */
function contextOf(facts: Subject["facts"]): Context {
  return facts as unknown as Context;
}

function cedarText({ match, expression }: BenchRule): string {
  const inContext = (text: string) =>
    text.replaceAll(/\b(request|cloud|pool|organization|resource)\./g, "context.$1.");
  const when = match === null ? "" : ` when { ${inContext(match)} }`;
  return `forbid(principal, action, resource)${when} unless { ${inContext(expression)} };`;
}
