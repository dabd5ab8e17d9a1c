import { type ASTNode, TypeError as CelTypeError, EvaluationError, ParseError } from "@marcbachmann/cel-js";
import { ENVIRONMENTS } from "./cel-environment.ts";
import type { Subject } from "./fact-shape.ts";
import { patternObjection } from "./regular-expression.ts";

/** The facts as CEL values, by section. */
export type CelContext = Readonly<Record<string, unknown>>;

/** An expression that was parsed and type-checked. @throws Error where the value cannot be computed. */
export interface CompiledExpression {
  (context: CelContext): unknown;
  /** Every fact it names: nothing else can change its value. */
  readonly reads: readonly FactPath[];
  /** The fact that has one value only wherever the expression is false, as that of `fact != "word"` has. */
  readonly known?: FactPath | null;
}

/** Where a fact stands: `request.system.mlpsLevel` is `["request", "system", "mlpsLevel"]`. */
export type FactPath = readonly [section: string, ...fields: string[]];

/** Why an expression is refused, and where in its text. */
interface ExpressionProblem {
  readonly reason: string;
  readonly offset: number;
}

export class ExpressionError extends Error {
  readonly problem: ExpressionProblem;

  constructor(problem: ExpressionProblem) {
    super(problem.reason);
    this.name = "ExpressionError";
    this.problem = problem;
  }
}

const COMPREHENSIONS = new Set(["all", "exists", "exists_one", "map", "filter"]);
const COMPREHENSIONS_MAX = 4;
const NESTING_MAX = 2;
/** Only `map` can make lists longer, and maps in a row multiply their growth. */
const MAPS_MAX = 1;

/** @throws ExpressionError for a syntax error, a type error, an unknown fact or a limit that is exceeded. */
export function compileExpression(
  subject: Subject,
  text: string,
  expected: "bool" | "any",
): CompiledExpression {
  try {
    const parsed = ENVIRONMENTS[subject].parse(text);
    assertBounded(parsed.ast);
    const checked = parsed.check();
    if (!checked.valid) throw checked.error ?? new ExpressionError({ reason: "type error", offset: 0 });
    if (expected === "bool" && checked.type !== "bool") {
      throw new ExpressionError({ reason: `must be true or false, not ${checked.type}`, offset: 0 });
    }
    const known = parsed.ast.op === "!=" ? comparedWith(parsed.ast) : null;
    const facts = { reads: readsOf(parsed.ast), known: known && withoutWord(known) };
    return Object.assign((context: CelContext) => parsed(context), facts);
  } catch (error) {
    throw asExpressionError(error);
  }
}

function asExpressionError(error: unknown): unknown {
  if (error instanceof ParseError || error instanceof CelTypeError || error instanceof EvaluationError) {
    return new ExpressionError({ reason: error.summary, offset: error.range?.start ?? 0 });
  }
  return error;
}

/** Keeps the work of one evaluation small whatever the facts are: their lists are the only loops. */
function assertBounded(ast: ASTNode): void {
  let comprehensions = 0;
  let maps = 0;
  const visit = (node: ASTNode, nesting: number): void => {
    const refuse = (reason: string) => new ExpressionError({ reason, offset: node.start });
    let inner = nesting;
    if (node.op === "rcall") {
      const [name, receiver, args] = node.args;
      // Bound values can be doubled again and again.
      if (name === "bind") throw refuse("cel.bind is not allowed");
      if (name === "matches") assertPattern(args[0], refuse);
      if (name === "map") maps += 1;
      if (maps > MAPS_MAX) throw refuse(`more than ${MAPS_MAX} map()`);
      if (COMPREHENSIONS.has(name)) {
        comprehensions += 1;
        inner += 1;
        if (comprehensions > COMPREHENSIONS_MAX)
          throw refuse(`more than ${COMPREHENSIONS_MAX} comprehensions`);
        if (inner > NESTING_MAX) throw refuse(`comprehensions nested deeper than ${NESTING_MAX}`);
      }
      visit(receiver, nesting);
      for (const arg of args) visit(arg, inner);
      return;
    }
    for (const child of childrenOf(node)) visit(child, nesting);
  };
  visit(ast, 0);
}

function assertPattern(pattern: ASTNode | undefined, refuse: (reason: string) => ExpressionError): void {
  if (pattern?.op !== "value" || typeof pattern.args !== "string") {
    throw refuse("the pattern of matches() must be a literal");
  }
  const objection = patternObjection(pattern.args);
  if (objection !== null) throw refuse(objection);
}

/**
 * Too much rather than too little: a variable of a comprehension may be counted as a section of its name, which
 * costs a comparison and changes no verdict.
 */
function readsOf(ast: ASTNode): FactPath[] {
  const path = pathOf(ast) ?? comparedWith(ast);
  return path === null ? childrenOf(ast).flatMap(readsOf) : [path];
}

/** Begins the last step of a path of which nothing is read but whether the fact is the word behind it. */
export const WHETHER = "=";

function withoutWord([section, ...fields]: FactPath): FactPath {
  return [section, ...fields.slice(0, -1)];
}

/** `recovery.cloudId == ""` is the same for every cloud that there is. */
function comparedWith(node: ASTNode): FactPath | null {
  if (node.op !== "==" && node.op !== "!=") return null;
  const [left, right] = node.args;
  const [fact, word] = left.op === "value" ? [right, left] : [left, right];
  const path = pathOf(fact);
  if (path === null || word.op !== "value" || typeof word.args !== "string") return null;
  return [...path, `${WHETHER}${word.args}`];
}

function pathOf(node: ASTNode): FactPath | null {
  if (node.op === "id") return [node.args];
  if (node.op !== ".") return null;
  const [object, field] = node.args;
  const path = pathOf(object);
  return path === null ? null : [...path, field];
}

function childrenOf(node: ASTNode): ASTNode[] {
  const nested: unknown[] = Array.isArray(node.args) ? node.args.flat(2) : [node.args];
  return nested.filter(isNode);
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value;
}
