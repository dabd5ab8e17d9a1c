import { createPublicKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sampleEntry, sampleKey } from "../../tests/support/sample-export.ts";
import { GENESIS_HASH, isCheckpointGenuine, type Seal, sealNext, signCheckpoint } from "./chain.ts";
import { type RowItem, verifyChain } from "./verify-chain.ts";

const START = { seq: 0, hash: GENESIS_HASH };

function rowsUpTo(count: number): RowItem[] {
  const rows: RowItem[] = [];
  let previous: Seal | null = null;
  for (let seq = 1; seq <= count; seq += 1) {
    const entry = sampleEntry(seq);
    previous = sealNext(previous, entry, seq % 2 === 0 ? "sm3" : "sha256");
    rows.push({ kind: "row", line: seq, seal: previous, entry });
  }
  return rows;
}

describe("seals", () => {
  // Sealed rows outlive every release: if one of these fails, the code is wrong, not the expectation.
  it.each([
    [
      "sha256",
      "7b1081fa5d95286be3a1e3c873094a971172b602ce4f018de4b192d16a93fcca",
      "3185054a092c2ba797d019cf490501d9da9d45b653a8a368f107cb767ebd8110",
    ],
    [
      "sm3",
      "5d670613fb23e0517954b9a6c8c2cdf78976826f22b1ed6ddf462d68a4455ffc",
      "9e8be8aeaf113cac19726b2ca1eda223358e72cd1d5c902ad6a3ee8fba3c8d98",
    ],
  ] as const)("keep their %s format for ever", (algorithm, first, second) => {
    const one = sealNext(null, sampleEntry(1), algorithm);
    expect(one).toEqual({
      seq: 1,
      entryId: "aud_0001",
      previousHash: GENESIS_HASH,
      hash: first,
      algorithm,
    });
    expect(sealNext(one, sampleEntry(2), algorithm)).toMatchObject({
      seq: 2,
      previousHash: first,
      hash: second,
    });
  });

  it("do not depend on the order of keys, as the database does not keep it", () => {
    const { actor, ...rest } = sampleEntry(1);
    const reordered = {
      ...rest,
      actor: { roles: actor.roles, name: actor.name, accountId: actor.accountId },
    };
    expect(sealNext(null, reordered, "sha256")).toEqual(sealNext(null, sampleEntry(1), "sha256"));
  });
});

describe("checkpoints", () => {
  const seal = sealNext(null, sampleEntry(1), "sha256");
  const key = sampleKey(1);
  const checkpoint = signCheckpoint(seal, { installation: "gd", sealedAt: "2026-11-02T00:00:00.000Z" }, key);
  const publicKey = createPublicKey(key.publicKey);

  it("keep their format for ever", () => {
    expect(checkpoint.keyId).toBe("fd110d301d2f077d");
    expect(checkpoint.signature).toBe(
      "8m2WqJp4YRaE6/i0vX7sQP+K9oxJEZQezufebbWFgLX6JxJ129aT6pfnzUXmo4/MGYsXUYMVk8yetT201B1uDA==",
    );
  });

  it("are genuine for their own installation, key and contents only", () => {
    expect(isCheckpointGenuine(checkpoint, "gd", publicKey)).toBe(true);
    expect(isCheckpointGenuine(checkpoint, "gx", publicKey)).toBe(false);
    expect(isCheckpointGenuine(checkpoint, "gd", createPublicKey(sampleKey(2).publicKey))).toBe(false);
    expect(isCheckpointGenuine({ ...checkpoint, seq: 2 }, "gd", publicKey)).toBe(false);
    expect(isCheckpointGenuine({ ...checkpoint, signature: "" }, "gd", publicKey)).toBe(false);
  });

  it("have one text for one signature", () => {
    const loose = checkpoint.signature.replace("==", "");
    expect(isCheckpointGenuine({ ...checkpoint, signature: loose }, "gd", publicKey)).toBe(false);
  });
});

describe("a chain read from a database", () => {
  it("verifies from a plain iterable, with both algorithms", async () => {
    const rows = rowsUpTo(6);
    const verdict = await verifyChain(rows, START);
    expect(verdict).toEqual({ count: 6, last: { seq: 6, hash: rows[5]?.seal.hash }, problem: null });
  });

  it("continues from a verified row", async () => {
    const rows = rowsUpTo(6);
    const seal = rows[2]?.seal ?? START;
    expect((await verifyChain(rows.slice(3), seal)).problem).toBeNull();
    expect((await verifyChain(rows.slice(4), seal)).problem).toMatchObject({ kind: "removed", seq: 4 });
  });

  it("cannot know its end without an anchor, and names it with one", async () => {
    const rows = rowsUpTo(6);
    const end = { kind: "anchor", line: null, seq: 6, hash: rows[5]?.seal.hash ?? "", end: true } as const;
    expect((await verifyChain(rows.slice(0, 4), START)).problem).toBeNull();
    const { problem } = await verifyChain([...rows.slice(0, 4), end], START);
    expect(problem).toMatchObject({ kind: "truncated", seq: 5, entryId: null });
    expect(problem?.message).toEqual({
      zh: "结尾被截断：缺少第 5 至 6 条",
      en: "The tail was cut off: rows 5 to 6 missing",
    });
  });

  it("finds a row that was moved far away", async () => {
    const rows = rowsUpTo(6);
    const [first, ...rest] = rows;
    if (first === undefined) throw new Error("the sample has rows");
    expect((await verifyChain([...rest, first], START)).problem).toMatchObject({ kind: "reordered", seq: 1 });
  });

  it("refuses a seal that names another entry", async () => {
    const rows = rowsUpTo(3).map((row) =>
      row.seal.seq === 2 ? { ...row, seal: { ...row.seal, entryId: "aud_9999" } } : row,
    );
    expect((await verifyChain(rows, START)).problem).toMatchObject({
      kind: "changed",
      seq: 2,
      entryId: "aud_0002",
    });
  });
});
