import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { eq, sql } from "drizzle-orm";
import exceljs from "exceljs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiOf, type TestCall } from "../../../tests/support/api.ts";
import { type TestApp, testApp } from "../../../tests/support/app.ts";
import { sealCommitted } from "../../../tests/support/sealing.ts";
import { smallProvince } from "../../../tests/support/small-province.ts";
import { signingKeyOf } from "../../audit/signing-key.ts";
import { EVERYWHERE } from "../../authz/scope.ts";
import { workOnAssessments } from "../../compliance/assess.ts";
import { shownAt, testRules } from "../../compliance/assessment.fixture.ts";
import { startAssessment } from "../../compliance/start-run.ts";
import type { Caller } from "../../context.ts";
import { systems } from "../../db/schema/organizations.ts";
import { placements } from "../../db/schema/tenancies.ts";
import { DAY_MS, HOUR_MS } from "../../kernel/clock.ts";
import { knownId, type SystemId } from "../../kernel/ids.ts";
import { systemCaller } from "../../provisioning/settle.ts";
import { grantTenancy, HEALTH, HRSS } from "../../tenancies/tenancy.fixture.ts";
import { reportRoutes } from "../routes.ts";
import { verifyReportCommand } from "./command.ts";
import type { ComplianceFormat } from "./formats.ts";
import { issueReport } from "./issue.ts";
import { verifyReport } from "./verify.ts";

let house: TestApp;
let call: TestCall;
let auditor: Caller;
let member: Caller;
let operator: Caller;
let folder: string;
const key = signingKeyOf(generateKeyPairSync("ed25519").privateKey);

/** A formula, a tag and a run of ideographs that the printed form has to know. */
const NAME = `=HYPERLINK("x")<script>喆堃𠮷`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunheng-report-"));
  house = await testApp({ policies: testRules() });
  await house.app.db.withTx(smallProvince);
  call = apiOf(house.app, reportRoutes);
  auditor = await house.callerWith([{ role: "auditor" }]);
  member = await house.callerWith([{ role: "department_member", organization: "gd-guangzhou" }]);
  operator = await house.callerWith([{ role: "cloud_operator", cloud: "provincial" }]);
  await house.app.db.withTx(async (tx) => {
    await tx
      .update(systems)
      .set({ name: NAME })
      .where(eq(systems.id, knownId<SystemId>("sys_a2")));
    const health = await grantTenancy(tx, HEALTH);
    await grantTenancy(tx, HRSS);
    const observed = shownAt({ pool: "guangzhou-extranet-kunpeng", isolated: false, images: ["centos-7"] });
    await tx.update(placements).set({ observed }).where(eq(placements.tenancyId, health.tenancyId));
  });
  await assess();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await house.close();
});

async function assess(): Promise<void> {
  await house.app.db.withTx((tx) => startAssessment(tx, house.app, { trigger: "schedule", reason: "test" }));
  await workOnAssessments(house.app);
  await sealCommitted(house.app, key, { force: true });
}

interface Findings {
  readonly findings: {
    readonly resource: {
      readonly key: string;
      readonly organizationId: string | null;
      readonly cloudId: string | null;
    };
    readonly controlId: string;
    readonly verdict: string;
    readonly finding: { readonly status: string } | null;
  }[];
}
const read = async (caller: Caller, query = "") => {
  const answer = await call(caller, `GET /reports/compliance?${query}`);
  return { ...answer, found: answer.body as unknown as Findings };
};
const bytesOf = async (format: ComplianceFormat, asked = {}) => {
  const reader = { ...systemCaller("test"), scope: EVERYWHERE };
  const chunks: Uint8Array[] = [];
  for await (const chunk of await issueReport(house.app, reader, { format, ...asked })) chunks.push(chunk);
  return Buffer.concat(chunks);
};

describe("the compliance report", () => {
  it("tells each control's verdict and every finding, with what it is made from and what it is not", async () => {
    const { body, found } = await read(auditor, "framework=test");
    expect(body).toMatchObject({
      report: "compliance",
      scope: "province",
      asOf: "2026-11-20",
      disclaimer: { zh: expect.stringContaining("不等于") },
      audit: { seq: expect.any(Number), checkpoint: { signature: expect.any(String) } },
      summary: { score: expect.any(Number), resources: expect.any(Number) },
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const isolated = found.findings.find(
      ({ controlId, verdict }) => controlId === "isolated" && verdict === "fail",
    );
    expect(isolated).toMatchObject({
      resource: { organizationId: "gd-guangzhou-health" },
      shortfalls: [{ actual: "found", required: "wanted", error: null }],
      finding: { status: "open" },
    });
    expect(body.findingCount).toBe(found.findings.length);
  });

  it("shows everybody what is theirs, and hides that there is anything else", async () => {
    const ofMember = (await read(member)).found.findings;
    expect(new Set(ofMember.map(({ resource }) => resource.organizationId))).toEqual(
      new Set(["gd-guangzhou-health"]),
    );
    const ofOperator = (await read(operator)).found.findings;
    expect(new Set(ofOperator.map(({ resource }) => resource.cloudId))).toEqual(new Set(["provincial"]));
    const status = async (caller: Caller, scope: string) => (await read(caller, `scope=${scope}`)).status;
    expect(await status(member, "organization:gd-guangzhou-health")).toBe(200);
    expect(await status(member, "system:sys_a2")).toBe(200);
    expect(await status(member, "system:sys_a1")).toBe(404);
    expect(await status(member, "cloud:guangzhou")).toBe(404);
    expect(await status(member, "province")).toBe(404);
    expect(await status(operator, "cloud:provincial")).toBe(200);
    expect(await status(auditor, "cloud:nowhere")).toBe(404);
    const { found } = await read(auditor, "scope=system:sys_a2");
    expect(found.findings.every(({ resource }) => resource.organizationId === "gd-guangzhou-health")).toBe(
      true,
    );
  });

  it("refuses what cannot be answered", async () => {
    const code = async (query: string) => (await read(auditor, query)).body.code;
    expect(await code("framework=none")).toBe("report.unknown_framework");
    expect(await code("asOf=2026-11-21")).toBe("report.future");
    expect(await code("asOf=2026-11-19")).toBe("report.no_assessment");
    expect(await code("format=docx")).toBe("report.unknown_format");
    expect(await code("scope=planet")).toBe("http.invalid_input");
  });
});

describe("forms", () => {
  it("CSV begins as spreadsheets want it, and no name becomes a formula", async () => {
    const { text } = await read(member, "format=csv");
    const bytes = await bytesOf("csv");
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(text).toContain(`'=HYPERLINK(""x"")`);
    expect(text).not.toMatch(/(^|,)"?[=+@]/m);
    expect(
      new Set(
        text
          .trimEnd()
          .split("\r\n")
          .map((record) => record.split(",")[0]),
      ),
    ).toContain('"digest"');
  });

  it("XLSX has its five sheets, frozen headers, filters, and texts for cells", async () => {
    const workbook = new exceljs.Workbook();
    await workbook.xlsx.load((await bytesOf("xlsx")) as never);
    expect(workbook.worksheets.map(({ name }) => name.split(" ")[1])).toEqual([
      "Summary",
      "Controls",
      "Findings",
      "Exemptions",
      "Evidence",
    ]);
    const findings = workbook.getWorksheet("问题 Findings");
    expect(findings?.views[0]).toMatchObject({ state: "frozen", ySplit: 1 });
    expect(findings?.autoFilter).toBeTruthy();
    const cells: unknown[] = [];
    findings?.eachRow((row) =>
      row.eachCell((cell) => cells.push([cell.type === exceljs.ValueType.Formula, cell.value])),
    );
    expect(cells.some((cell) => (cell as unknown[])[0])).toBe(false);
    expect(cells.map((cell) => (cell as unknown[])[1])).toContain(`'${NAME}`);
  });

  it("HTML shows names and runs none of them", async () => {
    const text = (await bytesOf("html")).toString("utf8");
    expect(text).toContain("&lt;script&gt;喆堃");
    expect(text).not.toContain("<script");
    expect(text).toContain("不符合");
    expect(text).toContain("<svg");
  });

  it("PDF brings its Chinese font along, and is the same file every time", async () => {
    const pdf = await bytesOf("pdf");
    const text = pdf.toString("latin1");
    expect(text.startsWith("%PDF-")).toBe(true);
    expect(text).toMatch(/\/FontFile2 \d+ 0 R/);
    expect(text).toMatch(/NotoSansSC/);
    expect((await bytesOf("pdf")).equals(pdf)).toBe(true);
  });

  it("OSCAL is what NIST's schema asks for", async (context) => {
    const path = [process.env.OSCAL_SCHEMA, "../shared/data/oscal_assessment-results_schema.json"].find(
      (file) => file !== undefined && existsSync(file),
    );
    if (path === undefined) {
      context.skip("set OSCAL_SCHEMA to NIST's oscal_assessment-results_schema.json");
      return;
    }
    const schema = JSON.parse(readFileSync(path, "utf8"));
    const ajv = new Ajv({ strict: false, allErrors: true });
    formats.default(ajv);
    const valid = ajv.compile(schema);
    const document = JSON.parse((await bytesOf("oscal")).toString("utf8"));
    valid(document);
    expect(valid.errors).toBeNull();
    const [result] = document["assessment-results"].results;
    const verdicts = result.findings.map(
      ({ props }: { props: { name: string; value: string }[] }) =>
        props.find(({ name }) => name === "verdict")?.value,
    );
    expect(verdicts).toEqual(expect.arrayContaining(["not_applicable", "insufficient_evidence"]));
  });

  it("all carry one digest of what they say", async () => {
    const json = JSON.parse((await bytesOf("json")).toString("utf8"));
    for (const format of ["csv", "html", "oscal"] as const) {
      expect((await bytesOf(format)).toString("utf8")).toContain(json.digest);
    }
  });
});

describe("a past day", () => {
  it("is told byte for byte as before, whatever has happened since", async () => {
    const forms = ["json", "csv", "xlsx", "oscal", "html", "pdf"] as const;
    const asked = { asOf: "2026-11-20" };
    house.clock.advance(DAY_MS);
    const before = await Promise.all(forms.map((format) => bytesOf(format, asked)));
    await house.app.db.withTx(async (tx) => {
      await tx.execute(sql`UPDATE placements SET observed = NULL`);
      await tx.execute(sql`UPDATE systems SET name = 'renamed ' || id`);
      await tx.execute(sql`UPDATE clouds SET name_zh = '改名', mlps_level = 4`);
      await tx.execute(sql`UPDATE compliance_findings SET status = 'resolved', due_on = '2030-01-01'`);
    });
    await assess();
    house.clock.advance(HOUR_MS);
    for (const [at, format] of forms.entries()) {
      expect([format, (await bytesOf(format, asked)).equals(before[at] ?? Buffer.alloc(0))]).toEqual([
        format,
        true,
      ]);
    }
    const now = await read(auditor);
    expect(now.body.asOf).toBe("2026-11-21");
    expect(now.found.findings.some(({ verdict }) => verdict === "fail")).toBe(false);
  });
});

describe("a report that is handed in", () => {
  const verified = async (bytes: Buffer) => {
    async function* file() {
      yield bytes;
    }
    return (await verifyReport(house.app, file())).finding;
  };

  it("is found to be intact, and by one changed byte not to be", async () => {
    const pdf = await bytesOf("pdf");
    expect(await verified(pdf)).toBe("not_sealed");
    await sealCommitted(house.app, key, { force: true });
    expect(await verified(pdf)).toBe("intact");
    const changed = Buffer.from(pdf);
    changed[changed.length >> 1] = (changed[changed.length >> 1] ?? 0) ^ 1;
    expect(await verified(changed)).toBe("unknown");
  });

  it("is checked on the command line, also when its reader saw a part only", async () => {
    const { text } = await read(member, "format=csv&scope=organization:gd-guangzhou-health");
    await sealCommitted(house.app, key, { force: true });
    const file = join(folder, "handed-in.csv");
    // The test's client has taken the mark from the beginning, as a text reader does.
    await writeFile(file, text.startsWith("\ufeff") ? text : `\ufeff${text}`);
    const lines: string[] = [];
    const print = (line: string) => void lines.push(line);
    expect(await verifyReportCommand(house.app, { file }, print)).toBe(0);
    expect(lines.join("\n")).toContain("逐字节一致");
    await writeFile(file, `\ufeff${text} `);
    expect(await verifyReportCommand(house.app, { file }, print)).toBe(1);
  });

  it("does not agree any more with an assessment that somebody has changed behind the triggers", async () => {
    const json = await bytesOf("json");
    await sealCommitted(house.app, key, { force: true });
    expect(await verified(json)).toBe("intact");
    await house.app.db.withTx(async (tx) => {
      await tx.execute(sql`ALTER TABLE assessments DISABLE TRIGGER ALL`);
      await tx.execute(sql`UPDATE assessments SET results_digest = repeat('0', 64)`);
      await tx.execute(sql`ALTER TABLE assessments ENABLE TRIGGER ALL`);
    });
    expect(await verified(json)).toBe("changed_data");
  });
});
