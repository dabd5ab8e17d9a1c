import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** One file in three views, line by line: as it is, without its comments, and its comments alone. */
export interface SourceFile {
  /** From the repository's root, with `/`. */
  readonly path: string;
  readonly text: readonly string[];
  readonly code: readonly string[];
  readonly comments: readonly string[];
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDERS = ["console", "control-plane", "deploy", "docs", "policies", "providers", "tests"];
const FOREIGN = /^(node_modules|dist|coverage|\..*)$/;
const TEXT = /\.(ts|tsx|js|cjs|mjs|css|html|json|ya?ml|md|sql|sh|txt)$|(^|\/)(Containerfile|Dockerfile)$/;
const SCRIPT = /\.(ts|tsx|js|cjs|mjs)$/;

/** Every text file of the repository that a person wrote, and those that are generated into it. */
export function sourceFiles(): SourceFile[] {
  const atRoot = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
  return [...atRoot, ...FOLDERS.flatMap(pathsBelow)]
    .filter((path) => TEXT.test(path) && path !== "package-lock.json")
    .map((path) => viewsOf(path, readFileSync(join(ROOT, path), "utf8")));
}

function pathsBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => !FOREIGN.test(entry.name))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? pathsBelow(path) : [path];
    });
}

function viewsOf(path: string, content: string): SourceFile {
  const lines = linesOf(content);
  if (!SCRIPT.test(path)) return { path, text: lines, code: lines, comments: [] };
  const ranges = commentRanges(path, content);
  let code = content;
  let comments = blank(content);
  for (const { pos, end } of ranges) {
    code = code.slice(0, pos) + blank(code.slice(pos, end)) + code.slice(end);
    comments = comments.slice(0, pos) + content.slice(pos, end) + comments.slice(end);
  }
  return { path, text: lines, code: linesOf(code), comments: linesOf(comments) };
}

const linesOf = (content: string): string[] => content.replace(/\n$/, "").split("\n");

/** Keeps every line and column where it was. */
const blank = (content: string): string => content.replaceAll(/[^\n]/g, " ");

/** Found by parsing: a pattern cannot tell a comment from a string that looks like one. */
function commentRanges(path: string, content: string): ts.TextRange[] {
  const source = ts.createSourceFile(path, content, ts.ScriptTarget.ESNext);
  const ranges = new Map<number, ts.TextRange>();
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node) || ts.isJsxText(node)) return;
    const around = [
      ...(ts.getLeadingCommentRanges(content, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(content, node.getEnd()) ?? []),
    ];
    for (const range of around) ranges.set(range.pos, range);
    for (const child of node.getChildren(source)) visit(child);
  };
  visit(source);
  return [...ranges.values()];
}
