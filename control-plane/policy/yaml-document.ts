import { isMap, isScalar, LineCounter, type Node, parseDocument, type Scalar } from "yaml";
import type { z } from "zod";

/** What is wrong with a policy, as the API says it (`kernel/fault-codes.ts`). */
export type PolicyIssueCode =
  | "policy.yaml_invalid"
  | "policy.yaml_bomb"
  | "policy.document_invalid"
  | "policy.unknown_field"
  | "policy.expression_invalid"
  | "policy.unknown_fact"
  | "policy.expression_costly"
  | "policy.pattern_refused"
  | "policy.clash"
  | "policy.duplicate_id"
  | "policy.inheritance_cycle"
  | "policy.inheritance_invalid"
  | "policy.loosens";

/** One reason why a file is refused, where a person would look for it. Lines and columns count from 1. */
export interface PolicyIssue {
  readonly code: PolicyIssueCode;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

export type Path = readonly PropertyKey[];

/** Aliases make a small file expand without bound; rules need next to none. */
const ALIASES_MAX = 16;
/** The parser calls itself for every level; rules are a handful deep. */
const BRACKETS_MAX = 64;

/** A parsed YAML file that still knows where each value stands. */
export class YamlDocument {
  readonly file: string;
  readonly value: unknown;
  readonly issues: readonly PolicyIssue[];
  readonly #lines = new LineCounter();
  readonly #text: string;
  readonly #root: Node | null;

  constructor(file: string, text: string) {
    this.file = file;
    this.#text = text;
    if (nestsDeeperThan(text, BRACKETS_MAX)) {
      this.#root = null;
      this.value = null;
      this.issues = [{ file, line: 1, column: 1, reason: "nested too deeply", code: "policy.yaml_bomb" }];
      return;
    }
    const document = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: true, prettyErrors: false });
    this.#root = document.contents;
    const faults = [...document.errors, ...document.warnings];
    const issues = faults.map((fault) => this.#issueAt(fault.pos[0], fault.message, "policy.yaml_invalid"));
    let value: unknown = null;
    if (issues.length === 0) {
      try {
        value = document.toJS({ maxAliasCount: ALIASES_MAX });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        issues.push(this.#issueAt(0, reason, "policy.yaml_bomb"));
      }
    }
    this.value = value;
    this.issues = issues;
  }

  /** The issue at the value the path leads to, or at its nearest ancestor that exists. */
  issue(path: Path, reason: string, code: PolicyIssueCode = "policy.document_invalid"): PolicyIssue {
    return this.#issueAt(this.#nodeAt(path)?.range?.[0] ?? 0, reason, code);
  }

  /** The issue at a character inside the text that the path leads to. */
  issueInside(path: Path, offset: number, reason: string, code: PolicyIssueCode): PolicyIssue {
    const node = this.#nodeAt(path);
    if (!isScalar(node) || typeof node.value !== "string") return this.issue(path, reason, code);
    return this.#issueAt(this.#sourceOffset(node, node.value, offset), reason, code);
  }

  issuesOf(error: z.ZodError): PolicyIssue[] {
    return error.issues.flatMap((issue) => {
      const where = issue.path.map(String).join(".");
      if (issue.code !== "unrecognized_keys") {
        return [this.issue(issue.path, where === "" ? issue.message : `${where}: ${issue.message}`)];
      }
      return issue.keys.map((key) =>
        this.#issueAt(
          this.#keyOffset(issue.path, key),
          `unknown field ${[...issue.path, key].join(".")}`,
          "policy.unknown_field",
        ),
      );
    });
  }

  #nodeAt(path: Path): Node | null {
    let node: Node | null = this.#root;
    for (const step of path) {
      if (node === null || !("get" in node)) return node;
      const next: unknown = node.get(step, true);
      if (!isNodeWithRange(next)) return node;
      node = next;
    }
    return node;
  }

  #keyOffset(path: Path, key: string): number {
    const map = this.#nodeAt(path);
    const pair = isMap(map)
      ? map.items.find((item) => isScalar(item.key) && item.key.value === key)
      : undefined;
    return pair !== undefined && isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
  }

  /** Quoting, folding and indentation change only blanks, so the other characters are counted through the source. */
  #sourceOffset(node: Scalar, value: string, offset: number): number {
    const start = node.range?.[0] ?? 0;
    const block = node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED";
    let at = block ? this.#text.indexOf("\n", start) : start - 1;
    for (const character of value.slice(0, offset + 1)) {
      if (character.trim() === "") continue;
      const next = this.#text.indexOf(character, at + 1);
      if (next === -1) return start;
      at = next;
    }
    return Math.max(at, start);
  }

  #issueAt(offset: number, reason: string, code: PolicyIssueCode): PolicyIssue {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.file, line: Math.max(line, 1), column: Math.max(col, 1), reason, code };
  }
}

/** Counts brackets wherever they stand; in texts of rules they are few. Indentation alone nests slowly: a file is small. */
function nestsDeeperThan(text: string, max: number): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === "[" || character === "{") depth += 1;
    if (character === "]" || character === "}") depth -= 1;
    if (depth > max) return true;
  }
  // A line of dashes nests once for each of them.
  return new RegExp(`^ *(?:[-?] +){${max}}`, "m").test(text);
}

function isNodeWithRange(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "range" in value;
}

export function formatIssue(issue: PolicyIssue): string {
  return `${issue.file}:${issue.line}:${issue.column}: ${issue.reason}`;
}
