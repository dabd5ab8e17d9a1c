import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { emptied } from "./apply.fixture.ts";
import { applyCommand } from "./apply-command.ts";
import { smallProvince } from "./province.fixture.ts";
import { loadProvince } from "./rows.ts";

let tested: TestApp;
let directory: string;
beforeAll(async () => {
  tested = await testApp();
});
beforeEach(async () => {
  await emptied(tested.app);
  directory = mkdtempSync(join(tmpdir(), "yunheng-province-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));
afterAll(() => tested.close());

async function run(options: { dryRun?: boolean; prune?: boolean } = {}, from = "", to = "") {
  for (const { name, text } of smallProvince(from, to)) writeFileSync(join(directory, name), text);
  const lines: string[] = [];
  const code = await applyCommand(
    tested.app,
    { directory, dryRun: false, prune: false, ...options },
    (line) => lines.push(line),
  );
  return { code, lines };
}

it("prints the plan, applies it, and has nothing to do the second time", async () => {
  const first = await run();
  expect(first.code).toBe(0);
  expect(first.lines).toContain("+ Cloud main  省级云 / Main");
  expect(first.lines.slice(-3)).toEqual([
    "计划：新增 12，变更 0，删除 0 / Plan: 12 to create, 0 to change, 0 to delete",
    "文件：1+0+0 朵云，1 个资源池，3 个机构 / Documents: 1+0+0 clouds, 1 pools, 3 organizations",
    "已生效 / Applied",
  ]);
  expect((await run()).lines).toEqual(["没有变更 / No changes", expect.stringMatching(/^文件：/)]);
});

it("prints field differences, and says that a dry run wrote nothing", async () => {
  await run();
  const { code, lines } = await run({ dryRun: true }, "total: 100,", "total: 120,");
  expect(code).toBe(0);
  expect(lines).toContain("    spec.inventories.VCPU.total: 100 → 120");
  expect(lines.at(-1)).toBe("试运行，未写入任何内容 / Dry run, nothing written");
  const [pool] = (await tested.app.db.withTx(loadProvince)).pools;
  expect(pool?.spec.inventories.VCPU?.total).toBe(100);
});

it("prints an allocation ratio as it is written in the file", async () => {
  await run();
  const { lines } = await run({ dryRun: true }, "allocationRatio: 1.5", "allocationRatio: 1.75");
  expect(lines).toContain("    spec.inventories.VCPU.allocationRatio: 1.5 → 1.75");
});

it("refuses an invalid set with file, line, column, path and reason in both languages", async () => {
  const { code, lines } = await run({}, "reserved: 20,", "reserved: 200,");
  expect(code).toBe(1);
  expect(lines).toEqual([
    expect.stringMatching(
      /^small\.yaml:\d+:\d+ spec\.inventories\.VCPU\.reserved: 预留量不得大于总量 \/ reserved may not exceed total$/,
    ),
    "province.invalid: 省级数据文件无效 / Invalid province documents",
  ]);
  expect((await tested.app.db.withTx(loadProvince)).clouds).toEqual([]);
});

it("names the document where the contradiction is with the database", async () => {
  await run();
  const text = smallProvince()[0]?.text.replaceAll(/\bmain/g, "again") ?? "";
  writeFileSync(join(directory, "small.yaml"), text);
  const lines: string[] = [];
  const options = { directory, dryRun: false, prune: false };
  expect(await applyCommand(tested.app, options, (line) => lines.push(line))).toBe(1);
  expect(lines).toEqual([
    "Cloud again spec.tier: 省级政务云只能有一朵，已有 main / there is already a provincial cloud, main",
    "province.invalid: 省级数据文件无效 / Invalid province documents",
  ]);
  expect(await applyCommand(tested.app, { ...options, prune: true }, () => undefined)).toBe(0);
});

it("says what stands in the way", async () => {
  await run();
  await tested.app.db.executeSql(
    "INSERT INTO accounts (id, name, display_name, organization_id, created_at) VALUES ('acc_1', 'a', 'A', 'csp-a', now())",
    [],
  );
  const text = smallProvince()[0]?.text.replaceAll("csp-a", "csp-b") ?? "";
  writeFileSync(join(directory, "small.yaml"), text);
  const lines: string[] = [];
  expect(
    await applyCommand(tested.app, { directory, dryRun: true, prune: true }, (line) => lines.push(line)),
  ).toBe(1);
  expect(lines).toEqual([
    '  {"action":"delete","kind":"Organization","id":"csp-a","blocker":"account","count":1,"example":"acc_1"}',
    "  count: 1",
    "province.in_use: 仍在使用，不能删除或改动 / Still in use, cannot be deleted or moved",
  ]);
});
