import type { Writable } from "node:stream";
import exceljs from "exceljs";

export type Workbook = InstanceType<typeof exceljs.stream.xlsx.WorkbookWriter>;

/** What the writer has besides what its types tell: the archive, and the first part that is put into it. */
interface Parts {
  readonly zip: { append(source: unknown, entry: { name: string; date?: Date }): unknown };
  readonly created: Date;
  addThemes(): Promise<void>;
}

/** Safe because the package is pinned, and the test compares two files that were made one after the other. */
function withParts(writer: unknown) {
  return writer as new (
    options: object,
  ) => Workbook & Parts;
}

/** A writer whose parts bear one date, where the library would put down when each was packed. */
class DatedWriter extends withParts(exceljs.stream.xlsx.WorkbookWriter) {
  override addThemes(): Promise<void> {
    const { zip, created } = this;
    const append = zip.append.bind(zip);
    zip.append = (source, entry) => append(source, { ...entry, date: created });
    return super.addThemes();
  }
}

export function datedWorkbook(stream: Writable, made: Date): Workbook {
  return new DatedWriter({ stream, useStyles: true, created: made, modified: made, creator: "Yunheng" });
}
