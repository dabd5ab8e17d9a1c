import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { API_ROUTES } from "../../control-plane/http/api-routes.ts";
import { openApiDocument } from "../../control-plane/http/openapi.ts";
import { ROOT } from "./deployment.ts";

const Package = z.object({
  version: z.string().optional(),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});
const Lock = z.object({ packages: z.record(z.string(), Package) });

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const { packages } = Lock.parse(JSON.parse(read("package-lock.json")));

/** Where a package that stands at `from` finds another one; null when the lock file does not say. */
function resolved(from: string, name: string): string | null {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const path = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (path in packages) return path;
    if (at === "") return null;
  }
}

// npm leaves out what its registry did not have that day, and `npm ci` then refuses the file everywhere.
test("the lock file names the packages of every platform", () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies).filter((name) => resolved(path, name) === null),
  );
  expect(missing).toEqual([]);
});

test("package, API document, command line and change log tell one version", () => {
  const { version } = Package.parse(JSON.parse(read("package.json")));
  expect(packages[""]?.version).toBe(version);
  expect(openApiDocument(API_ROUTES).info.version).toBe(version);
  expect(Package.parse(JSON.parse(read("deploy/cli/package.json"))).version).toBe(version);
  expect(read("CHANGELOG.md")).toMatch(new RegExp(`^## .*\\b${version?.replaceAll(".", "\\.")}\\b`, "m"));
});
