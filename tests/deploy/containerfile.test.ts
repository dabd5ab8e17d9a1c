import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { CONFIG_VARIABLES, readConfig } from "../../control-plane/config.ts";
import { containerfile, finalStage, type Instruction, instructionsOf, ROOT } from "./deployment.ts";

const restOf = (name: string, among: readonly Instruction[] = finalStage): string[] =>
  among.filter((instruction) => instruction.name === name).map(({ rest }) => rest);

/** Variables of the image, as a container would have them. */
const environment: Record<string, string> = Object.fromEntries(
  restOf("ENV").flatMap((rest) => rest.split(" ").map((pair) => pair.split("=", 2))),
);

/** What the image copies from the repository: sources and destination. */
const copies = restOf("COPY")
  .filter((rest) => !rest.startsWith("--from="))
  .map((rest) => {
    const words = rest.split(" ");
    return { sources: words.slice(0, -1), to: words.at(-1) ?? "" };
  });

test("every stage is Node 24", () => {
  const bases = restOf("FROM", containerfile);
  expect(bases.length).toBeGreaterThan(1);
  for (const base of bases) expect(base).toMatch(/^node:24-/);
});

test("it does not run as root", () => {
  expect(restOf("USER")).toEqual(["node"]);
});

test("packages for development stay outside, and nothing of theirs runs at installation", () => {
  const [install = ""] = restOf("RUN", containerfile);
  expect(install).toContain("npm ci --omit=dev --ignore-scripts");
});

test("its variables are the program's, its port is the default one", () => {
  expect(Object.keys(environment).filter((name) => !(name in CONFIG_VARIABLES))).toEqual([]);
  const config = readConfig({}, environment);
  expect(config.PORT).toBe(readConfig({}, {}).PORT);
  expect(restOf("EXPOSE")).toEqual([String(config.PORT)]);
  expect(restOf("VOLUME")).toEqual([config.DATA_DIR]);
  // Reachable from outside the container.
  expect(config.HOST).toBe("0.0.0.0");
});

test("continued lines count as one instruction", () => {
  expect(instructionsOf("FROM a\nHEALTHCHECK --x \\\n  CMD y\n# USER root\n")).toEqual([
    { name: "FROM", rest: "a" },
    { name: "HEALTHCHECK", rest: "--x    CMD y" },
  ]);
});

describe("the files of the image", () => {
  const ignored = readFileSync(join(ROOT, ".dockerignore"), "utf8").trim().split("\n");
  const isIgnored = (path: string): boolean =>
    ignored.some((line) =>
      line.startsWith("**/*") ? path.endsWith(line.slice(4)) : basename(path) === line,
    );
  let image: string;

  beforeAll(() => {
    image = mkdtempSync(join(tmpdir(), "yunheng-image-"));
    for (const { sources, to } of copies) {
      for (const source of sources) {
        const target = to === "./" ? join(image, source) : join(image, to);
        mkdirSync(join(target, ".."), { recursive: true });
        cpSync(join(ROOT, source), target, { recursive: true, filter: (path) => !isIgnored(path) });
      }
    }
    symlinkSync(join(ROOT, "node_modules"), join(image, "node_modules"));
  });
  afterAll(() => rmSync(image, { recursive: true, force: true }));

  const runInImage = (...words: string[]): string => {
    const [node, ...entry]: string[] = JSON.parse(restOf("ENTRYPOINT")[0] ?? "[]");
    expect(node).toBe("node");
    return execFileSync(process.execPath, [...entry, ...words], {
      cwd: image,
      encoding: "utf8",
      env: { PATH: process.env.PATH, ...environment, DATA_DIR: join(image, "data"), LOG_LEVEL: "silent" },
    });
  };

  it("are enough to start the program and to run the policies' cases", () => {
    const program = runInImage("--help");
    for (const [command = ""] of restOf("CMD").map((rest): string[] => JSON.parse(rest))) {
      expect(program).toMatch(new RegExp(`^ {2}${command}\\b`, "m"));
    }
    expect(runInImage("policy", "test")).toContain(" 0 failures");
  });

  it("are enough to make a database and to load the province", () => {
    expect(runInImage("init")).toContain(join(image, "data/administrator.token"));
    expect(existsSync(join(image, "data/administrator.token"))).toBe(true);
  });

  it("hold no tests", () => {
    expect(copies.flatMap(({ sources }) => sources)).not.toContain("tests");
    expect(existsSync(join(image, "control-plane/config.ts"))).toBe(true);
    expect(existsSync(join(image, "control-plane/quota/tree.test.ts"))).toBe(false);
  });
});
