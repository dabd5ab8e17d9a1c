import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { brokenInvariants } from "../../tests/support/invariants.ts";
import { type CloudId, knownId } from "../kernel/ids.ts";
import { lookAt } from "../provisioning/look.fixture.ts";
import { openStory, type Story } from "../provisioning/provisioning.fixture.ts";
import { repairTenancy } from "../tenancies/repair.ts";
import { perform } from "../verb.ts";
import { importCommand } from "./import-command.ts";
import { rebuildCommand } from "./rebuild-command.ts";

const POOL = "guangzhou-extranet-kunpeng";
const RULES = `
apiVersion: yunheng/v1
kind: ImportRules
rules:
  - match: { name: "tmp-*" }
    leave: 临时环境
  - match: { name: "health-{app}" }
    organization: gd-guangzhou-health
    system: { name: 门户网站, mlpsLevel: 2, dataClass: general }
    claim: quota
    until: 2027-06-30
  - match: { name: "lost-*" }
    organization: nobody
    system: { name: 无主, mlpsLevel: 2, dataClass: general }
    until: 2027-06-30
`;

let story: Story;
let look: ReturnType<typeof lookAt>;
let folder: string;
beforeAll(async () => {
  story = await openStory();
  look = lookAt(story);
  // Granted the usual way, before anything is found.
  await story.inTrial();
  await story.inTrial({ instances: [] });
  folder = mkdtempSync(join(tmpdir(), "yunheng-import-"));
  writeFileSync(join(folder, "rules.yaml"), RULES);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await story.close();
});

const byHand = (name: string, vcpu: number) =>
  story.admin("POST", "/tenancies", { name, pool: POOL, quota: { VCPU: vcpu, MEMORY_GIB: 8 } });
async function runImport(options: { dryRun?: boolean; freeze?: boolean } = {}) {
  const lines: string[] = [];
  const code = await importCommand(
    story.app,
    story.clouds,
    {
      cloudId: "guangzhou",
      rulesFile: join(folder, "rules.yaml"),
      dryRun: options.dryRun ?? false,
      overLimit: options.freeze ? { choice: "freeze" } : undefined,
    },
    (line) => lines.push(line),
  );
  return { code, said: lines.join("\n") };
}
const imported = async (name: string) =>
  String(
    (await story.one(sql`SELECT tenancy_id FROM placements WHERE desired -> 'tenancy' ->> 'name' = ${name}`))
      .tenancy_id,
  );
const count = async () => Number((await story.one(sql`SELECT count(*) AS n FROM tenancies`)).n);

describe("import", () => {
  it("shows first what it would do, and writes nothing", async () => {
    await byHand("health-portal", 4);
    await byHand("tmp-1", 4);
    await byHand("stray", 4);
    await byHand("lost-1", 4);
    const before = await count();
    const { code, said } = await runImport({ dryRun: true });
    expect(code).toBe(1);
    expect(said).toContain("import: health-portal → gd-guangzhou-health 门户网站 (VCPU 4, MEMORY_GIB 8)");
    expect(said).toContain("left: tmp-1");
    expect(said).toContain("unmatched: stray");
    expect(said).toMatch(/refused: lost-1\n.*there is no organization nobody/);
    expect(said).toContain("imported 1, unmatched 1, left 1, refused 1");
    expect(await count()).toBe(before);
  });

  it("takes in what its rules name, with its claims and its mark, and leaves it as it is", async () => {
    await runImport();
    const id = await imported("health-portal");
    expect(await look.claimsOf(id)).toEqual({ VCPU: 4, MEMORY_GIB: 8 });
    expect(await look.statusOf(id)).toBe("trial");
    expect(await look.auditOf(id)).toEqual(["tenancy.imported"]);
    expect(story.jobs).toContainEqual({ kind: "tenancy.reconcile", key: id });
    await story.reconcile(id);
    const shown = await story.provider.getTenancy("health-portal");
    expect(shown).toMatchObject({ ownership: { tenancyId: id }, quota: { VCPU: 4 }, isolated: false });
    expect(await brokenInvariants(story.app.db)).toEqual([]);
    const [stray] = (await story.provider.listTenancies()).items.filter(({ name }) => name === "stray");
    expect(stray?.ownership).toBeNull();
  });

  it("takes in nothing twice", async () => {
    const before = await count();
    const { said } = await runImport();
    expect(said).toContain("imported 0, unmatched 1, left 1, refused 1");
    expect(await count()).toBe(before);
  });

  it("shows what differs until somebody has it put right", async () => {
    const id = await imported("health-portal");
    await story.reconcile(id);
    expect((await story.provider.getTenancy("health-portal")).isolated).toBe(false);
    await perform(story.app, story.operator, repairTenancy, { id, reason: "纳入统一管理" });
    await story.reconcile(id);
    const shown = await story.provider.getTenancy("health-portal");
    expect(shown).toMatchObject({ isolated: true, accessGroup: "gd-guangzhou-health" });
  });

  it("takes nobody over a limit in silence: it says who would be over, and does what was chosen", async () => {
    await byHand("health-large", 1_000_000);
    const refused = await runImport();
    expect(refused.code).toBe(1);
    expect(refused.said).toMatch(/refused: health-large\n\s+quota\.over_limit/);
    expect(refused.said).toContain('"dimension":"VCPU"');
    const chosen = await runImport({ freeze: true });
    expect(chosen.said).toContain("import: health-large");
    const cases = await story.rows(
      sql`SELECT choice, phase FROM over_limits WHERE closed_at IS NULL AND resource_class = 'VCPU'`,
    );
    expect(cases.length).toBeGreaterThan(0);
    expect(new Set(cases.map(({ choice }) => choice))).toEqual(new Set(["freeze"]));
    expect(await brokenInvariants(story.app.db)).toEqual([]);
  });
});

describe("rebuild", () => {
  let other: Story;
  beforeAll(async () => {
    other = await openStory();
  });
  afterAll(() => other.close());

  /** What is there of tenancies, without what no cloud can know. */
  const tenanciesOf = (one: Story) =>
    one.rows(sql`
      SELECT t.id, t.organization_id, t.cloud_id,
             -- What was imported is called at its cloud as it was there, so that its system is not told by it.
             CASE WHEN p.desired -> 'tenancy' ->> 'name' LIKE 'plc-%' THEN t.system_id END AS system_id, p.id AS placement, p.role, p.pool_id, p.quota_node_id,
             p.desired -> 'tenancy' ->> 'name' AS name, p.desired -> 'instances' AS instances,
             (SELECT jsonb_object_agg(c.resource_class, c.amount) FROM claims c WHERE c.placement_id = p.id) AS claims
        FROM tenancies t JOIN placements p ON p.tenancy_id = t.id ORDER BY t.id, p.id`);
  const rebuild = async (options: { partial?: boolean } = {}) => {
    const lines: string[] = [];
    const code = await rebuildCommand(
      other.app,
      {
        async open(cloudId) {
          // The clouds are where they were; only what is known of them is lost.
          return cloudId === "guangzhou" ? story.provider : other.clouds.open(knownId<CloudId>(cloudId));
        },
      },
      {
        dryRun: false,
        partial: options.partial ?? false,
        termEnd: "2027-12-31",
        overLimit: { choice: "freeze" },
      },
      (line) => lines.push(line),
    );
    return { code, said: lines.join("\n") };
  };

  it("recovers tenancies and claims from the marks in the clouds, and says what it could not", async () => {
    const id = await imported("health-large");
    await story.reconcile(id);
    expect(await tenanciesOf(other)).toEqual([]);
    const { said } = await rebuild();
    expect(said).toContain("recovered 4, not recovered 0");
    expect(said).toContain("marks do not tell");
    expect(said).toMatch(/gd-guangzhou-health health-portal \(.*\n.*the system is in no document/);
    const found = await tenanciesOf(other);
    expect(found).toEqual(await tenanciesOf(story));
    expect(await brokenInvariants(other.app.db)).toEqual([]);
  });

  it("recovers nothing twice, and what it has recovered is looked after as before", async () => {
    const { said } = await rebuild();
    expect(said).toContain("recovered 0, not recovered 0");
  });

  it("tells what cannot be recovered, and why", async () => {
    const mark = {
      installation: "yunheng",
      tenancyId: "ten_x",
      placementId: "plc_x",
      organizationId: "nobody",
    };
    await story.admin("POST", "/tenancies", { name: "plc-x", pool: POOL, quota: {}, ownership: mark });
    const { code, said } = await rebuild();
    expect(code).toBe(1);
    expect(said).toMatch(/not recovered: ten_x \(guangzhou\/plc-x\)\n.*there is no organization nobody/);
  });
});
