import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleEntry, sampleExport, sampleKey, streamed } from "../../tests/support/sample-export.ts";
import { canonicalJson } from "../kernel/hash.ts";
import { rowHash, sealNext, signStatement } from "./chain.ts";
import { type Verdict, type VerifyOptions, verifyExport } from "./verify-export.ts";

const ROWS = 12;
const mixed = await sampleExport({
  rows: ROWS,
  checkpointsAt: [4, 9],
  algorithmOf: (seq) => (seq < 7 ? "sha256" : "sm3"),
});
const partial = await sampleExport({ rows: ROWS, from: 4, to: ROWS, checkpointsAt: [3, 8, ROWS] });

const verify = (lines: Iterable<string>, options: VerifyOptions = {}): Promise<Verdict> =>
  verifyExport(streamed(lines), options);

/** The row a line holds, or null. Lines of the sample are known to be JSON objects. */
function rowAt(lines: readonly string[], index: number): { seq: number; entryId: string } | null {
  const record = JSON.parse(lines[index] ?? "null");
  return record.type === "row" ? record.seal : null;
}

const lineOfRow = (lines: readonly string[], seq: number): number =>
  lines.findIndex((_, index) => rowAt(lines, index)?.seq === seq);

/** Every path to a value inside a record. */
function pathsIn(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [[...path]];
  return Object.entries(value).flatMap(([key, child]) => pathsIn(child, [...path, key]));
}

/** The line with one value replaced by another of the same type. */
function withOther(line: string, path: readonly string[]): string {
  const record = JSON.parse(line);
  let holder = record;
  for (const key of path.slice(0, -1)) holder = holder[key];
  const [key] = path.slice(-1);
  if (key !== undefined) holder[key] = otherThan(holder[key], key);
  return canonicalJson(record);
}

function otherThan(value: unknown, key: string): unknown {
  if (typeof value === "number") return value + 1;
  if (value === null) return "x";
  if (key === "at" || key === "sealedAt" || key === "exportedAt") return "2020-01-01T00:00:00.000Z";
  if (key === "outcome") return value === "failed" ? "refused" : "failed";
  if (key === "algorithm") return value === "sm3" ? "sha256" : "sm3";
  if (key === "previousHash" || key === "hash" || key === "lastHash" || key === "headerHash")
    return "ab".repeat(32);
  return `${value}x`;
}

describe("an export as it was written", () => {
  it("verifies, over a change of the algorithm and with every checkpoint", async () => {
    expect(await verify(mixed.lines)).toEqual({
      ok: true,
      count: ROWS,
      range: { firstSeq: 1, lastSeq: ROWS },
      checkpointsVerified: 2,
      trust: "keys_in_export",
      publishedCheckpoint: "not_given",
      problem: null,
    });
  });

  it("verifies from the middle of the chain, with a checkpoint on the row before the first", async () => {
    const verdict = await verify(partial.lines, { trustedPublicKey: sampleKey(1).publicKey });
    expect(verdict).toMatchObject({ ok: true, trust: "trusted_key", checkpointsVerified: 3 });
    expect(verdict.range).toEqual({ firstSeq: 4, lastSeq: ROWS });
  });

  it("verifies without any row", async () => {
    const { lines } = await sampleExport({ rows: 0 });
    expect(await verify(lines)).toMatchObject({ ok: true, count: 0, range: null });
  });

  it("verifies checkpoints of an older key that the signed header vouches for", async () => {
    const { lines } = await sampleExport({ rows: 6, checkpointsAt: [2, 6], olderKey: sampleKey(2) });
    const verdict = await verify(lines, { trustedPublicKey: sampleKey(1).publicKey });
    expect(verdict).toMatchObject({ ok: true, checkpointsVerified: 2 });
  });
});

describe.each([
  ["a whole chain", mixed.lines],
  ["a part of a chain", partial.lines],
])("one alteration of %s is found", (_, lines) => {
  const anyLine = fc.integer({ min: 0, max: lines.length - 1 });
  const last = lines.length - 1;

  it("any value of any line changed: names that line, and the row in it", async () => {
    const places = lines.flatMap((line, index) => pathsIn(JSON.parse(line)).map((path) => ({ index, path })));
    for (const { index, path } of places) {
      const altered = lines.with(index, withOther(lines[index] ?? "", path));
      const { problem } = await verify(altered);
      const row = rowAt(lines, index);
      const where = `line ${index + 1} ${path.join(".")}`;
      expect(problem, where).not.toBeNull();
      expect(problem?.line, where).toBe(index + 1);
      if (row === null || problem?.kind === "damaged_line") continue;
      expect(problem, where).toMatchObject({ kind: "changed", seq: row.seq });
    }
  });

  it("any character of any line changed", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyLine,
        fc.nat(),
        fc.constantFrom("0", "x", '"', " ", "}"),
        async (index, at, character) => {
          const line = lines[index] ?? "";
          const place = at % line.length;
          fc.pre(line[place] !== character);
          const { problem } = await verify(
            lines.with(index, line.slice(0, place) + character + line.slice(place + 1)),
          );
          expect(problem?.line).toBe(index + 1);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("any line deleted: names the row as removed, or as the cut-off tail", async () => {
    for (const index of lines.keys()) {
      const { ok, problem } = await verify(lines.toSpliced(index, 1));
      expect(ok, `line ${index + 1}`).toBe(false);
      const row = rowAt(lines, index);
      if (row === null) continue;
      expect(problem).toMatchObject({ seq: row.seq, entryId: null });
      expect(problem?.kind).toMatch(row.seq === ROWS ? /removed|truncated/ : /removed/);
    }
  });

  it("any line copied to any other place: names the copy", async () => {
    await fc.assert(
      fc.asyncProperty(anyLine, anyLine, async (from, to) => {
        const { ok, problem } = await verify(lines.toSpliced(to + 1, 0, lines[from] ?? ""));
        expect(ok).toBe(false);
        const row = rowAt(lines, from);
        if (row === null) return;
        expect(problem).toMatchObject({ kind: "inserted", seq: row.seq, entryId: row.entryId });
        // Two equal lines side by side: either is the copy.
        expect([to + 2, ...(to + 1 === from ? [to + 3] : []), ...(to === from ? [to + 1] : [])]).toContain(
          problem?.line,
        );
      }),
      { numRuns: 200 },
    );
  });

  it("any two lines swapped: names one of the two", async () => {
    for (let left = 0; left < last; left += 1) {
      for (let right = left + 1; right <= last; right += 1) {
        const swapped = lines.with(left, lines[right] ?? "").with(right, lines[left] ?? "");
        const { ok, problem } = await verify(swapped);
        expect(ok, `${left + 1} and ${right + 1}`).toBe(false);
        const rows = [rowAt(lines, left)?.seq, rowAt(lines, right)?.seq].filter((seq) => seq !== undefined);
        if (left === 0 || rows.length === 0) continue;
        expect(problem?.kind, `${left + 1} and ${right + 1}`).toBe("reordered");
        if (rows.length === 2) expect(rows, `${left + 1} and ${right + 1}`).toContain(problem?.seq);
      }
    }
  });

  it("the tail cut off at any character", async () => {
    const text = lines.map((line) => `${line}\n`).join("");
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: text.length - 2 }), async (length) => {
        const kept = text.slice(0, length).split("\n");
        const { ok, problem } = await verify(kept.at(-1) === "" ? kept.slice(0, -1) : kept);
        expect(ok).toBe(false);
        expect(problem?.kind).toBe("truncated");
      }),
      { numRuns: 150 },
    );
  });

  it("rows cut off in front of the footer: names the first one missing", async () => {
    for (const seq of [6, 10, ROWS]) {
      const { problem } = await verify([...lines.slice(0, lineOfRow(lines, seq)), lines[last] ?? ""]);
      expect(problem).toMatchObject({ kind: "truncated", seq });
    }
  });
});

describe("a forger who can hash, but not sign", () => {
  const reseal = (line: string, change: (record: ReturnType<typeof JSON.parse>) => void): string => {
    const record = JSON.parse(line);
    change(record);
    return canonicalJson(record);
  };

  it("re-hashes one row after changing it: the row is named, not the one that no longer fits", async () => {
    for (const seq of [1, 2, 6, 7, ROWS]) {
      const index = lineOfRow(mixed.lines, seq);
      const forged = reseal(mixed.lines[index] ?? "", (record) => {
        record.entry.reason = "改";
        record.seal.hash = rowHash(record.seal, record.entry);
      });
      const { problem } = await verify(mixed.lines.with(index, forged));
      expect(problem).toMatchObject({ kind: "changed", seq, line: index + 1 });
    }
  });

  it("puts a row of his own that fits the one before", async () => {
    for (const seq of [1, 5, 8, 10, ROWS]) {
      const index = lineOfRow(mixed.lines, seq);
      const previous = JSON.parse(mixed.lines[index] ?? "null").seal;
      const entry = { ...sampleEntry(99), reason: "伪造" };
      const forged = canonicalJson({ type: "row", seal: sealNext(previous, entry, "sha256"), entry });
      const { problem } = await verify(mixed.lines.toSpliced(index + 1, 0, forged));
      expect(problem).toMatchObject({ kind: "inserted", seq: seq + 1, entryId: entry.id, line: index + 2 });
    }
  });

  it("re-hashes everything after the change up to the footer: a checkpoint or the footer contradicts", async () => {
    const forged = await sampleExport({
      rows: ROWS,
      checkpointsAt: [4, 9],
      algorithmOf: (seq) => (seq < 7 ? "sha256" : "sm3"),
      entryOf: (seq) => (seq === 6 ? { ...sampleEntry(6), outcome: "failed" } : sampleEntry(seq)),
    });
    const lines = mixed.lines.map((line, index) =>
      rowAt(mixed.lines, index) ? (forged.lines[index] ?? "") : line,
    );
    const { problem } = await verify(lines);
    expect(problem).toMatchObject({ kind: "changed", seq: 9 });
    expect(problem?.message.en).toContain("rows 5 to 9");
  });

  it("writes a footer for a shorter export", async () => {
    const footer = JSON.parse(mixed.lines.at(-1) ?? "null");
    const row = rowAt(mixed.lines, lineOfRow(mixed.lines, 11));
    const forged = canonicalJson({ ...footer, count: 11, lastSeq: 11, lastHash: Object(row).hash });
    const { problem } = await verify([...mixed.lines.slice(0, -2), forged]);
    expect(problem).toMatchObject({ kind: "bad_signature", line: mixed.lines.length - 1 });
  });

  it("ends an export with the footer of another one", async () => {
    const other = await sampleExport({ rows: ROWS, to: ROWS, checkpointsAt: [4, 9] });
    const { ok } = await verify([...mixed.lines.slice(0, -1), other.lines.at(-1) ?? ""]);
    expect(ok).toBe(false);
  });

  it("adds rows behind the footer", async () => {
    const longer = await sampleExport({ rows: ROWS + 1 });
    const shorter = await sampleExport({ rows: ROWS });
    const { problem } = await verify([...shorter.lines, longer.lines[ROWS + 1] ?? ""]);
    expect(problem).toMatchObject({ kind: "inserted", seq: ROWS + 1, line: ROWS + 3 });
  });
});

describe("an export forged as a whole", () => {
  const trustedPublicKey = sampleKey(1).publicKey;
  const entryOf = (seq: number) =>
    seq === 3 ? { ...sampleEntry(3), outcome: "failed" as const } : sampleEntry(seq);

  it("passes without a trusted key, as documented, and is refused with one", async () => {
    const { lines } = await sampleExport({ rows: ROWS, entryOf, key: sampleKey(7) });
    expect(await verify(lines)).toMatchObject({ ok: true, trust: "keys_in_export" });
    expect((await verify(lines, { trustedPublicKey })).problem).toMatchObject({ kind: "wrong_key", line: 1 });
  });

  it("is found by an earlier published checkpoint even when it is signed with the true key", async () => {
    const checkpoint = mixed.checkpoints[0];
    if (checkpoint === undefined) throw new Error("the sample has checkpoints");
    const { lines } = await sampleExport({ rows: ROWS, entryOf });
    const verdict = await verify(lines, { trustedPublicKey, checkpoint });
    expect(verdict).toMatchObject({ ok: false, publishedCheckpoint: "contradicted" });
    expect(verdict.problem).toMatchObject({ kind: "changed", seq: 4 });
    expect(await verify(mixed.lines, { checkpoint })).toMatchObject({
      ok: true,
      publishedCheckpoint: "matched",
    });
  });

  it("does not narrow the forgery down by checkpoints that the forger has signed", async () => {
    const { lines, checkpoints } = await sampleExport({ rows: ROWS, entryOf, checkpointsAt: [4, 8] });
    const [, last] = (await sampleExport({ rows: ROWS, checkpointsAt: [4, 8] })).checkpoints;
    if (last === undefined || checkpoints.length !== 2) throw new Error("the samples have checkpoints");
    const { problem } = await verify(lines, { trustedPublicKey, checkpoint: last });
    expect(problem).toMatchObject({ kind: "changed", seq: 8 });
    expect(problem?.message.en).toContain("rows 1 to 8");
  });

  it("is found by a checkpoint on a row that it leaves out", async () => {
    const [, checkpoint] = mixed.checkpoints;
    if (checkpoint === undefined) throw new Error("the sample has checkpoints");
    const { lines } = await sampleExport({ rows: 7 });
    expect((await verify(lines, { checkpoint })).problem).toMatchObject({ kind: "truncated", seq: 8 });
    const asked = await sampleExport({ rows: 7, to: 7 });
    expect(await verify(asked.lines, { checkpoint })).toMatchObject({
      ok: true,
      publishedCheckpoint: "not_covered",
    });
  });

  it("uses a key that is not what its id says", async () => {
    const { keyId } = sampleKey(1);
    const [first = "", ...rest] = mixed.lines;
    const { signature: _, ...header } = JSON.parse(first);
    const forger = sampleKey(7);
    const statement = { ...header, publicKeys: { [keyId]: forger.publicKey } };
    const forged = canonicalJson({ ...statement, signature: signStatement(statement, forger.privateKey) });
    expect((await verify([forged, ...rest])).problem).toMatchObject({ kind: "wrong_key", line: 1 });
  });

  it("brings a published checkpoint whose own signature is wrong", async () => {
    const checkpoint = mixed.checkpoints[0];
    if (checkpoint === undefined) throw new Error("the sample has checkpoints");
    const { problem } = await verify(mixed.lines, { checkpoint: { ...checkpoint, hash: "ab".repeat(32) } });
    expect(problem).toMatchObject({ kind: "bad_signature", seq: 4, line: null });
  });
});

it("refuses a trusted key that is no key, instead of trusting nothing", async () => {
  await expect(verify(mixed.lines, { trustedPublicKey: "nonsense" })).rejects.toThrow(
    "not an Ed25519 public key",
  );
});
