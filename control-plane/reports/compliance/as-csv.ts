import { stringify } from "csv-stringify/sync";
import type { Cell } from "../report.ts";
import { CONTROL_COLUMNS, type Column, ENTRY_COLUMNS } from "./columns.ts";
import type { Content } from "./content.ts";

/** Spreadsheets take a file for UTF-8 only where it begins so. */
const BYTE_ORDER_MARK = "\ufeff";
const LAST: readonly string[] = ["record", "message"];
const CONTROLS_ONLY = CONTROL_COLUMNS.filter(({ name }) => ENTRY_COLUMNS.every((one) => one.name !== name));
const HEADER = ["record", ...[...ENTRY_COLUMNS, ...CONTROLS_ONLY].map(({ name }) => name), "message"];

/** One table: findings, then what each control comes to, then what the report is; the first column tells which. */
export async function* asCsv({ head, summary, digest, entries }: Content): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(`${BYTE_ORDER_MARK}${records([HEADER])}`);
  for await (const page of entries()) {
    if (page.length > 0)
      yield encoder.encode(records(page.map((entry) => record("finding", ENTRY_COLUMNS, entry))));
  }
  const controls = summary.controls.map((one) => record("control", CONTROL_COLUMNS, one));
  const { seq, hash } = head.audit ?? { seq: "", hash: "" };
  const notes: [string, string][] = [
    ["asOf", head.asOf],
    ["scope", head.scope],
    ["score", String(summary.score ?? "")],
    ["assessment", `${head.assessment.id} ${head.assessment.resultsDigest}`],
    ["audit", `${seq} ${hash}`],
    ["digest", digest],
    ["disclaimer", `${head.disclaimer.zh} ${head.disclaimer.en}`],
  ];
  yield encoder.encode(records([...controls, ...notes.map(([name, text]) => note(name, text))]));
}

function record<Row>(kind: string, columns: readonly Column<Row>[], row: Row): Cell[] {
  const cells = new Map(columns.map(({ name, of }) => [name, of(row)]));
  return HEADER.map((name) => (name === "record" ? kind : (cells.get(name) ?? null)));
}

function note(name: string, text: string): Cell[] {
  return HEADER.map((column) => (LAST.includes(column) ? (column === "record" ? name : text) : null));
}

/** A cell that a spreadsheet would take for a formula gets an apostrophe in front of it. */
function records(rows: readonly (readonly Cell[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { escape_formulas: true, quoted_string: true, record_delimiter: "\r\n" },
  );
}
