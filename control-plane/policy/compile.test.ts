import { describe, expect, it } from "vitest";
import { compilePolicy } from "./compile.ts";

const HEAD = `apiVersion: yunheng/v1
kind: SecurityBaseline
metadata: { id: probe, version: 1, rule: T1, title: { zh: 题, en: Title } }
`;

function specOf(changes: Record<string, string> = {}): string {
  const fields = {
    basis: "[{ standard: local }]",
    subject: "placement",
    match: "request.system.mlpsLevel >= 1",
    validations: "[{ expression: pool.xinchuang, actual: pool.id, required: true }]",
    action: "deny",
    assessment: "automatic",
    ...changes,
  };
  return `${HEAD}spec:\n${Object.entries(fields)
    .map(([name, value]) => `  ${name}: ${value}\n`)
    .join("")}`;
}

function issuesOf(text: string): string[] {
  const { issues } = compilePolicy({ pack: "test", file: "p.yaml", text });
  return issues.map(({ line, column, reason }) => `${line}:${column} ${reason}`);
}

describe("compilePolicy", () => {
  it("accepts a sound policy", () => {
    const { policy, issues } = compilePolicy({ pack: "test", file: "p.yaml", text: specOf() });
    expect(issues).toEqual([]);
    expect(policy?.severity).toBe("high");
    expect(policy?.validations[0]?.message.en).toBe("Title");
  });

  it.each([
    ["a YAML error", `${HEAD}spec: [`, /^4:\d+ Flow sequence/],
    ["a duplicate key", `${specOf()}  action: warn\n`, /^11:3 Map keys must be unique/],
    ["an unknown YAML tag", specOf({ action: "!!js/function deny" }), /^9:11 Unresolved tag/],
    ["an unknown field", specOf({ actoin: "deny" }), /^11:3 unknown field spec\.actoin/],
    ["a missing field", HEAD, /^1:1 spec: Invalid input/],
    ["another API version", specOf().replace("yunheng/v1", "v2"), /^1:13 apiVersion: /],
    ["an unknown kind", specOf().replace("SecurityBaseline", "Security"), /^2:7 kind: /],
    [
      "a version that is no count",
      specOf().replace("version: 1", "version: 1.5"),
      /^3:33 metadata\.version: /,
    ],
    ["an unknown action", specOf({ action: "shout" }), /^9:11 spec\.action: /],
    [
      "approvers without require-approval",
      specOf({ approvers: "[{ role: approver, scope: cloud }]" }),
      /^11:14 .*only/,
    ],
    ["require-approval without approvers", specOf({ action: "require-approval" }), /^5:3 .*needs approvers/],
    ["a role that cannot approve", specOf({ approvers: "[{ role: auditor, scope: cloud }]" }), /^11:23 /],
    ["preferences of the wrong kind", specOf({ preferences: "{}" }), /^11:3 unknown field spec\.preferences/],
  ])("refuses %s where it stands", (_what, text, expected) => {
    expect(issuesOf(text)[0]).toMatch(expected);
  });

  it.each([
    ["a syntax error", "request.kind == ", /^7:24 spec\.match: Unexpected token/],
    ["an unknown fact", "request.system.mlpsLevle >= 1", /^7:25 spec\.match: No such key: mlpsLevle/],
    [
      "an unknown variable",
      "cloud.mlpsLevel > 1 && clod.id != ''",
      /^7:33 spec\.match: Unknown variable: clod/,
    ],
    ["an unknown resource class", "request.resources.CPU > 1", /No such key: CPU/],
    ["a comparison of different types", 'pool.mlpsLevel == "3"', /no such overload: int == string/],
    ["a fraction compared with a whole number", "pool.mlpsLevel == 3.0", /no such overload: int == double/],
    ["a value that is no truth", "pool.mlpsLevel", /must be true or false, not int/],
    ["a value of unknown type", "dyn(true)", /must be true or false, not dyn/],
    ["an unknown function", 'env("HOME") == ""', /no matching overload/],
  ])("refuses %s in an expression", (_what, match, expected) => {
    expect(issuesOf(specOf({ match }))[0]).toMatch(expected);
  });

  it("counts the position through quotes and folded lines", () => {
    expect(issuesOf(specOf({ match: "'pool.id != \"\" && pool.nope'" }))[0]).toMatch(/^7:33 /);
    expect(issuesOf(specOf({ match: ">-\n    pool.id != ''\n    && pool.nope" }))[0]).toMatch(/^9:13 /);
  });

  it("keeps a policy from reading facts that its subject does not have", () => {
    expect(issuesOf(specOf({ subject: "request" }))[0]).toMatch(/^8:31 .*Unknown variable: pool/);
  });

  it("reports every broken expression at once", () => {
    const validations = "[{ expression: nope, actual: pool.nope, required: 1 + 'a' }]";
    expect(issuesOf(specOf({ match: "nope", validations }))).toHaveLength(4);
  });

  it.each([
    ["a long expression", `"${"a".repeat(2000)}" != ""`, /2000 characters/],
    ["many nodes", Array.from({ length: 200 }, () => "1>0").join("&&"), /maxAstNodes/],
    ["deep nesting", `${"(".repeat(100)}true${")".repeat(100)}`, /maxDepth/],
    [
      "a long literal list",
      `1 in [${Array.from({ length: 100 }, (_, i) => i).join(",")}]`,
      /maxListElements/,
    ],
    [
      "nested loops",
      "[1].exists(a, [1].exists(b, [1].exists(c, a + b + c > 1)))",
      /comprehensions nested deeper than 2/,
    ],
    ["chained loops", `[1]${".filter(x, x > 0)".repeat(5)}.size() > 0`, /more than 4 comprehensions/],
    ["lists that grow in a row", "[[1]].map(x, x + x).map(x, x + x).size() > 0", /more than 1 map\(\)/],
    ["doubling by binding", "cel.bind(a, [1, 1], a + a).size() > 1", /cel\.bind is not allowed/],
    ["a pattern from the facts", "pool.id.matches(request.purpose)", /must be a literal/],
    ["a pattern that backtracks", 'pool.id.matches("(a+)+$")', /a group must not be repeated/],
  ])("bounds %s", (_what, match, expected) => {
    expect(issuesOf(specOf({ match: JSON.stringify(match) }))[0]).toMatch(expected);
  });

  it("does not expand a YAML bomb", () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 10; level += 1) {
      const [from, to] = ["abcdefghij"[level - 1], "abcdefghij"[level]];
      bomb.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(", ")}]`);
    }
    expect(issuesOf(bomb.join("\n"))[0]).toMatch(/Excessive alias count/);
  });

  it("survives a file of nothing but brackets", () => {
    expect(issuesOf("[".repeat(60_000))).not.toEqual([]);
  });

  it.each(["", "~", "[]", "42", "--- a\n--- b"])("refuses %j as a policy", (text) => {
    expect(issuesOf(text)).not.toEqual([]);
  });
});
