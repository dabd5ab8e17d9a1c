import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadPolicies, PolicyLoadError } from "./load.ts";
import { formatTestResults, testPacks } from "./test-packs.ts";

const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))));

async function rootWith(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "policies-"));
  made.push(root);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

function policy(id: string, rule: string, extra = ""): string {
  return `apiVersion: yunheng/v1
kind: AllocationPolicy
metadata: { id: ${id}, version: 1, rule: ${rule}, title: { zh: 题, en: Title } }
spec:
  basis: [{ standard: local }]
  subject: placement
  validations: [{ expression: pool.xinchuang, actual: pool.architecture, required: true }]
  action: deny
  assessment: automatic
${extra}`;
}

async function reasonsOf(...roots: string[]): Promise<string[]> {
  try {
    await loadPolicies(roots);
    return [];
  } catch (error) {
    if (error instanceof PolicyLoadError) return error.message.split("\n");
    throw error;
  }
}

describe("loadPolicies", () => {
  it("reads the packs of several roots, sorted, and leaves other files alone", async () => {
    const first = await rootWith({ "core/b/policy.yaml": policy("b", "P2"), "schema.json": "{}" });
    const second = await rootWith({ "local/a/policy.yaml": policy("a", "P2"), ".git/x/policy.yaml": "?" });
    const set = await loadPolicies([second, first]);
    expect(set.policies.map(({ pack, document }) => `${pack}/${document.metadata.id}`)).toEqual([
      "core/b",
      "local/a",
    ]);
    expect(set.byId.get("a")?.pack).toBe("local");
    expect(set.preferences).toBeNull();
  });

  it("reports everything that is wrong at once, with file, line and column", async () => {
    const root = await rootWith({
      "core/a/policy.yaml": policy("a", "P1").replace("pool.xinchuang", "pool.xinchuan"),
      "core/b/policy.yaml": policy("bee", "P2"),
      "core/c/readme.md": "",
      "core/d/policy.yaml": "x".repeat(65 * 1024),
      "Core/e/policy.yaml": policy("e", "P5"),
    });
    expect(await reasonsOf(root)).toEqual([
      expect.stringMatching(/Core:1:1: pack names are lower-case/),
      expect.stringMatching(
        /core\/a\/policy\.yaml:7:36: .*No such key: xinchuan; did you mean pool\.xinchuang\?$/,
      ),
      expect.stringMatching(/core\/b\/policy\.yaml:3:17: id bee differs from its folder b$/),
      expect.stringMatching(/core\/c\/policy\.yaml:1:1: ENOENT/),
      expect.stringMatching(/core\/d\/policy\.yaml:1:1: larger than 65536 bytes/),
    ]);
  });

  it("refuses two packs of one name and two policies of one id", async () => {
    const first = await rootWith({ "core/a/policy.yaml": policy("a", "P1") });
    const second = await rootWith({ "core/b/policy.yaml": policy("b", "P2") });
    const third = await rootWith({ "local/a/policy.yaml": policy("a", "P1") });
    expect(await reasonsOf(first, second)).toEqual([expect.stringMatching(/pack core already defined in/)]);
    expect(await reasonsOf(first, third)).toEqual([expect.stringMatching(/policy id a already defined in/)]);
  });

  it("refuses one rule code or the preferences twice", async () => {
    const preferences =
      "  preferences: { locality: [own_city], strategy: pack, weights: { locality: 1, strategy: 0, architecture: 0 } }\n";
    const root = await rootWith({
      "core/a/policy.yaml": policy("a", "P1", preferences),
      "core/b/policy.yaml": policy("b", "P1", preferences),
    });
    expect(await reasonsOf(root)).toEqual([
      expect.stringMatching(
        /b\/policy\.yaml:1:1: rule code P1 in pack core already defined in .*a\/policy\.yaml/,
      ),
      expect.stringMatching(/b\/policy\.yaml:1:1: placement preferences already defined in/),
    ]);
  });

  it("takes a root that is a pack itself by its folder's name", async () => {
    const root = await rootWith({ "local/a/policy.yaml": policy("a", "P1") });
    const { policies } = await loadPolicies([join(root, "local")]);
    expect(policies.map(({ pack, document }) => `${pack}/${document.metadata.id}`)).toEqual(["local/a"]);
  });

  it("refuses a root without a rule, under which everything would be allowed", async () => {
    expect(await reasonsOf(await rootWith({}))).toEqual([expect.stringMatching(/no rule found/)]);
    expect(await reasonsOf(await rootWith({ "core/readme.md": "" }))).toHaveLength(1);
  });

  it("names a root that is not there", async () => {
    expect(await reasonsOf("/nowhere")).toEqual([expect.stringMatching(/^\/nowhere:1:1: ENOENT/)]);
  });
});

describe("testPacks", () => {
  const pass = "{ name: p, expect: pass }";
  const fail = "{ name: f, facts: { pool: { xinchuang: false } }, expect: fail, actual: kunpeng }";
  const tested = async (rule: string, cases: string) => {
    const text = `apiVersion: yunheng/v1\nkind: PolicyCases\ncases:\n${cases}`;
    const results = await testPacks(
      await rootWith({ "core/a/policy.yaml": rule, "core/a/cases.yaml": text }),
    );
    return { ok: results.ok, text: formatTestResults(results) };
  };

  it("passes where every case comes out as expected", async () => {
    const { ok, text } = await tested(policy("a", "P1"), `- ${pass}\n- ${fail}\n`);
    expect(text).toBe("ok   core/a  2 cases\n1 policies, 2 cases, 0 failures");
    expect(ok).toBe(true);
  });

  it.each([
    [
      "another verdict",
      `- ${pass}\n- { name: f, expect: fail }\n`,
      /cases\.yaml:5: f: expected fail, was pass/,
    ],
    [
      "another figure",
      `- ${pass}\n- ${fail.replace("kunpeng", "intel")}\n`,
      /expected actual "intel", was "kunpeng"/,
    ],
    [
      "other validations",
      `- ${pass}\n- ${fail.replace("actual: kunpeng", "failing: [x]")}\n`,
      /expected failing \["x"\]/,
    ],
    ["no failing case", `- ${pass}\n`, /cases\.yaml:4:1: no case expects fail/],
    [
      "an unknown fact",
      `- ${pass}\n- ${fail}\n- { name: x, facts: { pol: {} }, expect: pass }\n`,
      /unknown fact pol/,
    ],
    [
      "an unknown field",
      `- ${pass}\n- { name: f, expects: fail }\n`,
      /5:14: unknown field cases\.1\.expects/,
    ],
  ])("fails on %s", async (_what, cases, expected) => {
    const { ok, text } = await tested(policy("a", "P1"), cases);
    expect(text).toMatch(expected);
    expect(ok).toBe(false);
  });

  it("asks for a case in which a rule with a match does not apply", async () => {
    const rule = policy("a", "P1", '  match: request.kind == "create"\n');
    expect((await tested(rule, `- ${pass}\n- ${fail}\n`)).text).toMatch(/no case expects not_applicable/);
  });

  it("does not take an error for the failure that a case expects", async () => {
    const rule = policy("a", "P1").replace(
      "expression: pool.xinchuang",
      "expression: 1 / (pool.mlpsLevel - 3) > 0",
    );
    expect((await tested(rule, `- ${pass}\n- { name: f, expect: fail }\n`)).text).toMatch(
      /could not be computed/,
    );
  });

  it("fails a rule without cases, and packs that cannot be loaded", async () => {
    const bare = await testPacks(await rootWith({ "core/a/policy.yaml": policy("a", "P1") }));
    expect(bare.ok).toBe(false);
    expect(formatTestResults(bare)).toMatch(/cases\.yaml:1:1: ENOENT/);
    const broken = await testPacks(await rootWith({ "core/a/policy.yaml": "a: [" }));
    expect(broken).toMatchObject({ ok: false, policies: [] });
    expect(formatTestResults(broken)).toMatch(/policy\.yaml:1:\d+: /);
  });
});
