import { describe, expect, it } from "vitest";
import { type Cell, type Report, written } from "./report.ts";

function reportOf(
  pages: readonly (readonly Cell[])[][],
  last: readonly (readonly Cell[])[] = [],
): Report<readonly Cell[]> {
  return {
    head: { report: "sample", filters: { cloudId: null } },
    pages: (async function* () {
      yield* pages;
    })(),
    foot: () => ({ summary: [] }),
    columns: ["name", "amount"],
    cellsOf: (row) => row,
    lastRecords: () => last,
  };
}

async function textOf(
  report: Report<readonly Cell[]>,
  format: "json" | "csv",
  lineEnd = "\n",
): Promise<string> {
  let text = "";
  for await (const chunk of written(report, format, lineEnd)) text += `${chunk}${lineEnd}`;
  return text;
}

describe("as JSON", () => {
  it("is one document however many pages there are, empty ones included", async () => {
    const rows = [["a", 1]] as const;
    const text = await textOf(
      reportOf([
        [],
        [...rows],
        [],
        [
          ["b", 2],
          ["c", null],
        ],
      ]),
      "json",
    );
    expect(JSON.parse(text)).toEqual({
      report: "sample",
      filters: { cloudId: null },
      rows: [
        ["a", 1],
        ["b", 2],
        ["c", null],
      ],
      summary: [],
      rowCount: 3,
    });
    expect(JSON.parse(await textOf(reportOf([]), "json"))).toMatchObject({ rows: [], rowCount: 0 });
  });
});

describe("as CSV", () => {
  it("begins with a byte order mark, quotes text and ends every record alike", async () => {
    const text = await textOf(
      reportOf([[['say "hi", 你好', 5]], [["two\nlines", null]]], [["end", 0]]),
      "csv",
      "\r\n",
    );
    expect(text).toBe('\ufeff"name","amount"\r\n"say ""hi"", 你好",5\r\n"two\nlines",\r\n"end",0\r\n');
  });

  it.each(["=1+1", "+1", "-1+2", "@SUM(A1)", "\tx", "\rx", "＝1", '=HYPERLINK("http://x","y")'])(
    "a spreadsheet does not take %j for a formula",
    async (cell) => {
      const text = await textOf(reportOf([[[cell, -5]]]), "csv");
      const record = text.slice(text.indexOf("\n") + 1).trimEnd();
      // Numbers stay numbers, also below zero.
      expect(record).toBe(`"'${cell.replaceAll('"', '""')}",-5`);
    },
  );
});
