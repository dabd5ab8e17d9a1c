export interface Bar {
  readonly label: string;
  readonly value: number;
}

/** One bar of a chart, in the units of the drawing. */
export interface PlacedBar extends Bar {
  readonly y: number;
  readonly length: number;
}

export const BAR_HEIGHT = 16;
const BARS_MAX = 40;

/** Lengths in proportion to the largest value. */
export function placedBars(bars: readonly Bar[], lengthMax: number): PlacedBar[] {
  const largest = Math.max(1, ...bars.map(({ value }) => value));
  return bars.slice(0, BARS_MAX).map((bar, at) => ({
    ...bar,
    y: at * (BAR_HEIGHT + 4),
    length: Math.round((bar.value / largest) * lengthMax * 10) / 10,
  }));
}

const LABEL_WIDTH = 150;
const LENGTH_MAX = 380;

/** A bar chart for a page; labels are escaped. */
export function barsSvg(bars: readonly Bar[]): string {
  const placed = placedBars(bars, LENGTH_MAX);
  const height = placed.length * (BAR_HEIGHT + 4);
  const rows = placed.map(
    ({ label, value, y, length }) =>
      `<text x="${LABEL_WIDTH - 8}" y="${y + 12}" text-anchor="end">${escaped(label)}</text>` +
      `<rect x="${LABEL_WIDTH}" y="${y}" width="${length}" height="${BAR_HEIGHT}" fill="#3a6ea5"/>` +
      `<text x="${LABEL_WIDTH + length + 6}" y="${y + 12}">${value}</text>`,
  );
  return `<svg width="600" height="${height}" viewBox="0 0 600 ${height}" font-size="11" role="img">${rows.join("")}</svg>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
