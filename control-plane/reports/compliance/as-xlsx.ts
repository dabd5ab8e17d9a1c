import { PassThrough } from "node:stream";
import { VERDICT_WORDS, VERDICTS } from "../../compliance/verdict.ts";
import type { Cell } from "../report.ts";
import {
  CONTROL_COLUMNS,
  type Column,
  ENTRY_COLUMNS,
  EVIDENCE_COLUMNS,
  EXEMPTION_COLUMNS,
} from "./columns.ts";
import type { Content } from "./content.ts";
import { datedWorkbook, type Workbook } from "./dated-workbook.ts";

/** A sheet takes no more; what does not fit is said, and stands in the CSV form. */
const ROWS_MAX = 1_000_000;

/** A workbook of five sheets, written row by row; the same content gives the same bytes. */
export async function* asXlsx(content: Content): AsyncGenerator<Uint8Array> {
  const output = new PassThrough();
  const written = write(content, output);
  // Awaited at the end; a failure meanwhile ends the stream, so that the reader hears of it there.
  written.catch((error: unknown) =>
    output.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  for await (const chunk of output) yield chunk;
  await written;
}

async function write(content: Content, output: PassThrough): Promise<void> {
  const { head, summary } = content;
  const workbook = datedWorkbook(output, new Date(head.assessment.completedAt));
  const overview = workbook.addWorksheet("摘要 Summary");
  overview.columns = [{ width: 36 }, { width: 90 }];
  for (const row of overviewRows(content)) overview.addRow(row.map(neutral)).commit();
  overview.commit();
  sheet(workbook, "控制项 Controls", CONTROL_COLUMNS, summary.controls);
  await findingsSheet(workbook, content);
  sheet(workbook, "豁免 Exemptions", EXEMPTION_COLUMNS, summary.exemptions);
  sheet(workbook, "证据 Evidence", EVIDENCE_COLUMNS, summary.evidence);
  await workbook.commit();
}

async function findingsSheet(workbook: Workbook, { entries }: Content): Promise<void> {
  const findings = openSheet(workbook, "问题 Findings", ENTRY_COLUMNS);
  let rows = 0;
  for await (const page of entries()) {
    for (const entry of page) {
      if (rows < ROWS_MAX) findings.addRow(ENTRY_COLUMNS.map(({ of }) => neutral(of(entry)))).commit();
      rows += 1;
    }
    // Lets what was written flow out before more is made.
    await new Promise((done) => setImmediate(done));
  }
  if (rows > ROWS_MAX)
    findings.addRow([`另有 ${rows - ROWS_MAX} 行见 CSV / more rows in the CSV form`]).commit();
  findings.commit();
}

function sheet<Row>(
  workbook: Workbook,
  name: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): void {
  const added = openSheet(workbook, name, columns);
  for (const row of rows) added.addRow(columns.map(({ of }) => neutral(of(row)))).commit();
  added.commit();
}

function openSheet<Row>(workbook: Workbook, name: string, columns: readonly Column<Row>[]) {
  const added = workbook.addWorksheet(name, { views: [{ state: "frozen", ySplit: 1 }] });
  added.columns = columns.map(({ title, width }) => ({ header: `${title.zh} ${title.en}`, width }));
  added.getRow(1).font = { bold: true };
  added.getRow(1).commit();
  added.autoFilter = { from: { row: 1, column: 1 }, to: { row: 1, column: columns.length } };
  return added;
}

/** Cells are texts, never formulas; those that would become one when they are copied elsewhere bear an apostrophe. */
function neutral(cell: Cell): Cell {
  return typeof cell === "string" && /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(cell) ? `'${cell}` : cell;
}

function overviewRows({ head, summary, digest }: Content): Cell[][] {
  const { counts, score } = summary;
  return [
    ["合规报告 Compliance report", null],
    ["范围 Scope", `${head.scopeName.zh} (${head.scope})`],
    ["框架 Framework", head.framework ?? "全部 All"],
    ["截至 As of", head.asOf],
    ["得分 Score (%)", score],
    ["资源数 Resources", summary.resources],
    ...VERDICTS.map((verdict): Cell[] => [
      `${VERDICT_WORDS[verdict].zh} ${VERDICT_WORDS[verdict].en}`,
      counts[verdict],
    ]),
    ["已豁免 Exempted", counts.exempted],
    ["问题 Findings", summary.findings],
    ["逾期 Overdue", summary.overdue],
    ...summary.clouds.map((cloud): Cell[] => [`云 Cloud ${cloud.id} (%)`, cloud.score]),
    ["评估 Assessment", head.assessment.id],
    ["评估结果摘要 Results digest", head.assessment.resultsDigest],
    ["策略摘要 Policy digest", head.policyDigest],
    ["审计链位置 Audit chain", head.audit === null ? null : `${head.audit.seq} ${head.audit.hash}`],
    ["报告摘要 Report digest", digest],
    ["声明 Disclaimer", head.disclaimer.zh],
    [null, head.disclaimer.en],
  ];
}
