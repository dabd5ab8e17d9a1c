import { fileURLToPath } from "node:url";
import PDFDocument from "pdfkit";
import { BAR_HEIGHT, type Bar, placedBars } from "./bars.ts";

/** Noto Sans SC of Google, cut down to the characters of GBK; under the licence beside it. */
const FONT = fileURLToPath(new URL("./fonts/NotoSansSC-Regular.ttf", import.meta.url));
const MARGIN = 50;
const INK = "#222222";
const FAINT = "#666666";

/** A4 sheets with Chinese text, written from the top to the bottom. The font travels in the file. */
export class PdfSheet {
  readonly document: PDFKit.PDFDocument;
  readonly #foot: string;

  constructor(info: { readonly title: string; readonly made: Date; readonly foot: string }) {
    this.#foot = info.foot;
    this.document = new PDFDocument({
      size: "A4",
      margin: MARGIN,
      font: FONT,
      autoFirstPage: false,
      bufferPages: true,
      lang: "zh-CN",
      info: {
        Title: info.title,
        Producer: "Yunheng",
        Creator: "Yunheng",
        CreationDate: info.made,
        ModDate: info.made,
      },
    });
  }

  get #width(): number {
    return this.document.page.width - 2 * MARGIN;
  }

  page(title: string): void {
    this.document.addPage();
    this.document.fontSize(16).fillColor(INK).text(title, MARGIN, MARGIN, { width: this.#width });
    this.document.moveDown(0.6);
  }

  heading(text: string, size = 11): void {
    this.#room(40);
    this.document
      .moveDown(0.5)
      .fontSize(size)
      .fillColor(INK)
      .text(text, MARGIN, this.document.y, { width: this.#width });
  }

  text(text: string, { size = 9.5, faint = false } = {}): void {
    this.document
      .fontSize(size)
      .fillColor(faint ? FAINT : INK)
      .text(text, MARGIN, this.document.y, { width: this.#width, lineGap: 2 });
  }

  gap(lines: number): void {
    this.document.fontSize(10).moveDown(lines);
  }

  /** Names and values below each other. */
  pairs(rows: readonly (readonly [string, string])[]): void {
    this.table(null, rows, [0.28, 0.72]);
  }

  /** Widths are shares of the line. A row goes to the next page as a whole. */
  table(
    titles: readonly string[] | null,
    rows: readonly (readonly string[])[],
    widths: readonly number[],
  ): void {
    this.document.moveDown(0.3);
    if (titles !== null) this.#row(titles, widths, FAINT);
    for (const row of rows) this.#row(row, widths, INK);
    this.document.moveDown(0.4);
  }

  #row(cells: readonly string[], shares: readonly number[], colour: string): void {
    const { document } = this;
    const size = 8.5;
    document.fontSize(size);
    const widths = shares.map((share) => share * this.#width - 6);
    const heights = cells.map((cell, at) => document.heightOfString(cell, { width: widths[at] ?? 0 }));
    const height = Math.max(size, ...heights) + 5;
    this.#room(height);
    const { y } = document;
    let x = MARGIN;
    for (const [at, cell] of cells.entries()) {
      document.fillColor(colour).text(cell, x + 3, y + 2, { width: widths[at] ?? 0 });
      x += (widths[at] ?? 0) + 6;
    }
    document.lineWidth(0.4).strokeColor("#bbbbbb");
    document
      .moveTo(MARGIN, y + height)
      .lineTo(MARGIN + this.#width, y + height)
      .stroke();
    document.x = MARGIN;
    document.y = y + height;
  }

  bars(bars: readonly Bar[]): void {
    const { document } = this;
    for (const { label, value, length } of placedBars(bars, this.#width - 200)) {
      this.#room(BAR_HEIGHT + 4);
      const { y } = document;
      document
        .fontSize(8.5)
        .fillColor(INK)
        .text(label, MARGIN, y + 2, { width: 120, align: "right" });
      document.rect(MARGIN + 130, y, length, BAR_HEIGHT - 3).fill("#3a6ea5");
      document.fillColor(INK).text(String(value), MARGIN + 136 + length, y + 2, { lineBreak: false });
      document.x = MARGIN;
      document.y = y + BAR_HEIGHT + 4;
    }
    document.moveDown(0.5);
  }

  #room(height: number): void {
    if (this.document.y + height > this.document.page.height - MARGIN - 20) this.document.addPage();
  }

  /** Numbers the pages and closes the document. */
  end(): void {
    const { start, count } = this.document.bufferedPageRange();
    for (let at = start; at < start + count; at += 1) {
      this.document.switchToPage(at);
      // Below the margin, where the library would otherwise begin a new page.
      this.document.page.margins.bottom = 0;
      this.document
        .fontSize(7.5)
        .fillColor(FAINT)
        .text(`${this.#foot}    ${at + 1} / ${count}`, MARGIN, this.document.page.height - 34, {
          lineBreak: false,
        });
    }
    this.document.end();
  }
}
