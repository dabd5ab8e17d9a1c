import { describe, expect, it } from "vitest";
import { type SourceFile, sourceFiles } from "./source-files.ts";

/** The names of what is forbidden stand in this file; the next rules would find them here. */
const THIS_FILE = "tests/architecture/safety.test.ts";

interface Rule {
  readonly name: string;
  readonly pattern: RegExp;
  readonly within: "code" | "comments" | "text";
  /** Paths that the rule looks at, and exceptions. */
  readonly at: RegExp;
  readonly except?: RegExp;
  /** A line that the rule must find, so that no rule can fall silent. */
  readonly example: string;
}

const CODE = /\.(ts|tsx|js|cjs|mjs)$/;
const CONTROL_PLANE = /^control-plane\/.*\.ts$/;

const RULES: readonly Rule[] = [
  {
    name: "only config.ts reads the environment",
    pattern: /\bprocess\s*\.\s*env\b|\bprocess\s*\[\s*["']env/,
    within: "code",
    at: CODE,
    except: /^(control-plane\/config\.ts$|tests\/support\/|deploy\/)|\.test\.ts$/,
    example: "const port = process.env.PORT;",
  },
  {
    name: "the time comes from the clock",
    pattern: /\bDate\.now\(|\bnew Date\(\s*\)/,
    within: "code",
    at: CONTROL_PLANE,
    except: /^control-plane\/kernel\/clock\.ts$/,
    example: "const at = new Date();",
  },
  {
    name: "ids come from the id source, and nothing is left to chance",
    pattern: /\bMath\.random\(|\brandomUUID\b|\buuidv[47]\(/,
    within: "code",
    at: CONTROL_PLANE,
    except: /^control-plane\/kernel\/ids\.ts$/,
    example: "const id = randomUUID();",
  },
  {
    name: "only the command line prints",
    pattern: /\bconsole\.\w+\(/,
    within: "code",
    at: CODE,
    except: /^(control-plane\/(main\.ts$|cli\/)|deploy\/cli\/|console\/)|\.test\.ts$/,
    example: 'console.log("started");',
  },
  {
    name: "no type is waved through",
    pattern: /\bas any\b|<any>/,
    within: "code",
    at: CODE,
    example: "const row = value as any;",
  },
  {
    name: "no type error is silenced",
    pattern: /@ts-(ignore|nocheck|expect-error)/,
    within: "comments",
    at: CODE,
    example: "// @ts-ignore",
  },
  {
    name: "every test runs",
    pattern: /\b(it|test|describe|suite)(\.\w+)*\.(skip|only|todo|fails)\b|\b(xit|xdescribe|fit|fdescribe)\(/,
    within: "code",
    at: CODE,
    example: 'it.skip("adds", () => {});',
  },
  {
    name: "nothing is left for later",
    pattern: /\b(TODO|FIXME|XXX|HACK)\b/,
    within: "text",
    at: /./,
    except: /\.(md|json)$/,
    example: "// TODO",
  },
  {
    name: "no path of one machine",
    pattern: /(^|[^\w.$}-])\/(work|root|home)\//,
    within: "text",
    at: /./,
    example: 'const file = "/root/data.json";',
  },
];

const LONGEST_FILE = 400;

/** Files that may be longer, with the reason that a reader accepts. */
const LONG_FILES: Readonly<Record<string, string>> = {};

/** Chinese terms may explain an English comment; a Chinese sentence may not replace it. */
const isEnglish = (comment: string): boolean => {
  const han = comment.match(/\p{Script=Han}/gu)?.length ?? 0;
  const latin = comment.match(/[a-z]/gi)?.length ?? 0;
  return han === 0 || han * 2 <= latin;
};

const files = sourceFiles();

/** Every place where the rule is broken, as `file:line: text`. */
function findings(rule: Rule, among: readonly SourceFile[]): string[] {
  return among
    .filter(({ path }) => path !== THIS_FILE && rule.at.test(path) && !rule.except?.test(path))
    .flatMap((file) =>
      file[rule.within].flatMap((line, index) =>
        rule.pattern.test(line) ? [`${file.path}:${index + 1}: ${(file.text[index] ?? "").trim()}`] : [],
      ),
    );
}

describe("safety", () => {
  it.each(RULES)("$name", (rule) => {
    expect(findings(rule, files)).toEqual([]);
  });

  it.each(RULES)("the rule finds what it is for: $name", (rule) => {
    const path = "control-plane/quota/example.ts";
    const line = [rule.example];
    expect(findings(rule, [{ path, text: line, code: line, comments: line }])).toEqual([
      `${path}:1: ${rule.example}`,
    ]);
  });

  it("files are short, or the reason is listed", () => {
    const long = files.filter(({ path, text }) => CODE.test(path) && text.length > LONGEST_FILE);
    expect(
      long.filter(({ path }) => !(path in LONG_FILES)).map(({ path, text }) => `${path}:${text.length}`),
    ).toEqual([]);
    expect(Object.keys(LONG_FILES).filter((path) => !long.some((file) => file.path === path))).toEqual([]);
  });

  it("comments are English", () => {
    const foreign = files
      .filter(({ path }) => CODE.test(path))
      .flatMap(({ path, comments }) =>
        comments.flatMap((comment, index) =>
          isEnglish(comment) ? [] : [`${path}:${index + 1}: ${comment.trim()}`],
        ),
      );
    expect(foreign).toEqual([]);
    expect(isEnglish("// 三员: system, security and audit administration exclude each other")).toBe(true);
    expect(isEnglish("// 这里检查配额")).toBe(false);
  });

  it("looks at the whole repository, and tells comments from code", () => {
    expect(files.length).toBeGreaterThan(50);
    const clock = files.find(({ path }) => path === "control-plane/kernel/clock.ts");
    expect(clock?.comments[0]).toContain('The only source of "now"');
    expect(clock?.code[0]?.trim()).toBe("");
    expect(clock?.code.join("\n")).toContain("new Date()");
    expect(clock?.code.length).toBe(clock?.text.length);
  });
});
