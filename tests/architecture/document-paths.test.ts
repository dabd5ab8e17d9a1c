import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { sourceFiles } from "./source-files.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const documents = sourceFiles().filter(({ path }) => path.endsWith(".md"));

/** Paths in code spans that name a file; `quota/tree.ts` is short for the one in `control-plane/`. */
function namedFiles(text: string): string[] {
  return [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.(?:ts|yaml|json|txt|md|sql))`/g)].map(
    (match) => match[1] ?? "",
  );
}

/** Targets of links inside the repository, without their anchors. */
function linkedFiles(text: string): string[] {
  return [...text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? "");
}

const broken = (text: string, folder: string): string[] => [
  ...namedFiles(text).filter(
    (path) => ![ROOT, join(ROOT, "control-plane"), folder].some((at) => existsSync(join(at, path))),
  ),
  ...linkedFiles(text).filter((path) => !existsSync(join(folder, path))),
];

describe("documents name files that exist", () => {
  it.each(documents.map(({ path, text }) => ({ path, text })))("$path", ({ path, text }) => {
    expect(broken(text.join("\n"), dirname(join(ROOT, path)))).toEqual([]);
  });

  it("finds what is missing", () => {
    const text = "`quota/tree.ts`, `quota/branch.ts`, [a](docs/architecture.md#quota), [b](docs/nothing.md)";
    expect(broken(text, ROOT)).toEqual(["quota/branch.ts", "docs/nothing.md"]);
    expect(documents.length).toBeGreaterThan(10);
  });
});
