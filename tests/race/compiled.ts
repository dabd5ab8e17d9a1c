import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Compiled {
  /** The entry, in JavaScript. */
  readonly file: string;
  remove(): void;
}

/**
 * Compiles a file, and every file that it imports, once: writers are started dozens of times, and half of
 * their lives would go by in reading TypeScript. What is edited meanwhile does not concern the race either.
 */
export function compiled(entry: string): Compiled {
  // Below node_modules, so that packages are found from there.
  const folder = join(ROOT, "node_modules", ".cache", `race-${process.pid}`);
  const placeOf = (file: string) => join(folder, relative(ROOT, file)).replace(/\.ts$/, ".js");
  const seen = new Set([entry]);
  for (const file of seen) {
    const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), { compilerOptions: OPTIONS });
    for (const [, path = ""] of outputText.matchAll(/(?:from|import\()\s*"(\.[^"]+)\.js"/g)) {
      seen.add(join(dirname(file), `${path}.ts`));
    }
    mkdirSync(dirname(placeOf(file)), { recursive: true });
    writeFileSync(placeOf(file), outputText);
  }
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  return { file: placeOf(entry), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2022,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};
