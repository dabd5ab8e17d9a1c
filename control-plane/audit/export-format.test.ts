import { describe, expect, it } from "vitest";
import { sampleEntry, sampleExport, sampleKey, streamed } from "../../tests/support/sample-export.ts";
import { ManualClock } from "../kernel/clock.ts";
import { GENESIS_HASH, sealNext } from "./chain.ts";
import { LINE_LENGTH_MAX, linesOf, readExport, writeExport } from "./export-format.ts";

const { lines } = await sampleExport({ rows: 3 });

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

async function* chunks(...parts: (Uint8Array | string)[]): AsyncGenerator<Uint8Array | string, void> {
  yield* parts;
}

const damageOf = async (text: string): Promise<string | null> => {
  const [read] = await collect(readExport(streamed([text])));
  return read !== undefined && "damage" in read ? read.damage : null;
};

describe("reading", () => {
  it("gives every record with its line", async () => {
    const reads = await collect(readExport(streamed(lines)));
    expect(reads.map((read) => ("record" in read ? `${read.line} ${read.record.type}` : read))).toEqual([
      "1 header",
      "2 row",
      "3 row",
      "4 row",
      "5 footer",
    ]);
  });

  it("stops at a damaged line and says which", async () => {
    const reads = await collect(readExport(streamed(lines.with(2, "{}"))));
    expect(reads.at(-1)).toMatchObject({ line: 3, isCut: false });
    expect(reads).toHaveLength(3);
  });

  it("tells a line that was cut at the end of the file from a damaged one", async () => {
    const reads = await collect(readExport(streamed([...lines.slice(0, 2), '{"entry":{"act'])));
    expect(reads.at(-1)).toEqual({ line: 3, damage: "not JSON", isCut: true });
  });

  it("says what is wrong with a line", async () => {
    const row = lines[1] ?? "";
    expect(await damageOf(row.replace('"seq":1', '"seq":0'))).toContain("seal.seq");
    expect(await damageOf(row.replace('"seq":1', '"seq":9007199254740993'))).toContain("seal.seq");
    expect(await damageOf(row.replace('"seal":{', '"seal":{"note":1,'))).toContain("seal");
    expect(await damageOf(`${row} `)).toBe("not in canonical form");
    expect(await damageOf((lines[0] ?? "").replace('"version":1', '"version":2'))).toContain("version");
  });

  it("refuses a doubled key and a hidden field, which two readers could read differently", async () => {
    const row = lines[1] ?? "";
    expect(await damageOf(row.replace('"reason":null', '"reason":"x","reason":null'))).toBe(
      "not in canonical form",
    );
    expect(await damageOf(row.replace('"reason":', '"__proto__":{"reason":"x"},"reason":'))).toBe(
      "not in canonical form",
    );
    expect(await damageOf(row.replace("操作员甲", "\\ud800"))).toBe("not in canonical form");
  });

  it("reports nesting that no row can have as damage, instead of running out of stack", async () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    const row = (lines[1] ?? "").replace(/"before":\{[^}]*\}/, `"before":${deep}`);
    expect(row.length).toBeGreaterThan(deep.length);
    expect(await damageOf(row)).toBe("not in canonical form");
  });
});

describe("splitting into lines", () => {
  it("does not depend on where the chunks end, nor on the line ends", async () => {
    const bytes = Buffer.from("一二\r\n三\n\n四");
    for (let size = 1; size <= bytes.length; size += 1) {
      const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      expect(await collect(linesOf(chunks(...parts)))).toEqual(["一二", "三", "", "四"]);
    }
  });

  it("holds a bounded part of an overlong line, which the reader then refuses", async () => {
    const part = "x".repeat(1024 * 1024);
    const split = await collect(linesOf(chunks(...Array.from({ length: 40 }, () => part), "\nend")));
    expect(split.map((line) => line.length)).toEqual([LINE_LENGTH_MAX + 1, 3]);
    expect(await damageOf(split[0] ?? "")).toBe(`longer than ${LINE_LENGTH_MAX} characters`);
  });
});

it("writing refuses a row that no reader would accept", async () => {
  const entry = { ...sampleEntry(1), after: "x".repeat(LINE_LENGTH_MAX) };
  const plan = {
    installation: "sample",
    from: 1,
    to: null,
    previousHash: GENESIS_HASH,
    algorithm: "sha256",
    signingKey: sampleKey(1),
    clock: new ManualClock("2026-11-30T00:00:00.000Z"),
  } as const;
  const written = writeExport(plan, [{ kind: "row", seal: sealNext(null, entry, "sha256"), entry }]);
  await expect(collect(written)).rejects.toThrow("row 1 is too long");
});
