import { stringify } from "csv-stringify/sync";

export const REPORT_FORMATS = ["json", "csv"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export type Cell = string | number | null;
type Fields = Readonly<Record<string, unknown>>;

/** Rows come page by page, so that a report on everything needs no more memory than one on little. */
export interface Report<Row> {
  readonly head: Fields;
  readonly pages: AsyncIterable<readonly Row[]>;
  /** What is only known after the last row. */
  readonly foot: () => Fields;
  readonly columns: readonly string[];
  readonly cellsOf: (row: Row) => readonly Cell[];
  /** Records that a table ends with, in the same columns. */
  readonly lastRecords: () => readonly (readonly Cell[])[];
}

/** The report as text, in chunks that end where a line ends; the line end itself is left to the caller. */
export function written<Row>(
  report: Report<Row>,
  format: ReportFormat,
  lineEnd: string,
): AsyncGenerator<string> {
  return format === "csv" ? asCsv(report, lineEnd) : asJson(report, lineEnd);
}

async function* asJson<Row>({ head, pages, foot }: Report<Row>, lineEnd: string): AsyncGenerator<string> {
  yield `{${fields(head)},"rows":[`;
  let rowCount = 0;
  for await (const page of pages) {
    if (page.length === 0) continue;
    const lines = page.map((row, index) => `${rowCount + index === 0 ? "" : ","}${JSON.stringify(row)}`);
    rowCount += page.length;
    yield lines.join(lineEnd);
  }
  yield `],${fields({ ...foot(), rowCount })}}`;
}

function fields(values: Fields): string {
  return Object.entries(values)
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value ?? null)}`)
    .join(",");
}

/** Spreadsheets take a file for UTF-8 only where it begins so. */
const BYTE_ORDER_MARK = "\ufeff";

async function* asCsv<Row>(report: Report<Row>, lineEnd: string): AsyncGenerator<string> {
  yield `${BYTE_ORDER_MARK}${records([report.columns], lineEnd)}`;
  for await (const page of report.pages) {
    if (page.length > 0) yield records(page.map(report.cellsOf), lineEnd);
  }
  const last = report.lastRecords();
  if (last.length > 0) yield records(last, lineEnd);
}

/** A cell that a spreadsheet would take for a formula gets an apostrophe in front of it. */
function records(rows: readonly (readonly Cell[])[], lineEnd: string): string {
  return stringify(
    rows.map((row) => [...row]),
    { escape_formulas: true, quoted_string: true, record_delimiter: lineEnd, eof: false },
  );
}
