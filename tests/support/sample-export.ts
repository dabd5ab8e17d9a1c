import { createPrivateKey } from "node:crypto";
import {
  type AuditEntry,
  type Checkpoint,
  GENESIS_HASH,
  type Seal,
  sealNext,
  signCheckpoint,
} from "../../control-plane/audit/chain.ts";
import { type ExportItem, writeExport } from "../../control-plane/audit/export-format.ts";
import { type SigningKey, signingKeyOf } from "../../control-plane/audit/signing-key.ts";
import { ManualClock } from "../../control-plane/kernel/clock.ts";
import type { HashAlgorithm } from "../../control-plane/kernel/hash.ts";

const SAMPLE_INSTALLATION = "sample";

/** The same key at every call with the same number: Ed25519 keys are any 32 bytes behind this prefix (RFC 8410). */
export function sampleKey(number: number): SigningKey {
  const der = Buffer.concat([
    Buffer.from("302e020100300506032b657004220420", "hex"),
    Buffer.alloc(32, number),
  ]);
  return signingKeyOf(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
}

export function sampleEntry(number: number): AuditEntry {
  return {
    id: `aud_${String(number).padStart(4, "0")}`,
    at: new Date(Date.UTC(2026, 10, 2) + number * 1000).toISOString(),
    actor: {
      accountId: number % 5 === 0 ? null : `acc_${number % 3}`,
      name: "操作员甲",
      roles: ["approver"],
    },
    action: "request.approve",
    outcome: number % 4 === 0 ? "refused" : "succeeded",
    targetType: "request",
    targetId: `req_${number}`,
    organizationId: number % 2 === 0 ? "gd-hrss" : null,
    cloudId: null,
    reason: number % 4 === 0 ? "材料不齐" : null,
    before: { status: "reviewed", generation: number },
    after: number % 4 === 0 ? null : { status: "approved", generation: number + 1, resources: { VCPU: 64 } },
    requestId: `http-${number}`,
    sourceAddress: "10.0.0.8",
  };
}

export interface SampleOptions {
  readonly rows: number;
  /** Rows 1 to `from - 1` are sealed, but not exported. */
  readonly from?: number;
  readonly to?: number | null;
  readonly checkpointsAt?: readonly number[];
  readonly algorithmOf?: (seq: number) => HashAlgorithm;
  readonly key?: SigningKey;
  readonly olderKey?: SigningKey;
  readonly entryOf?: (seq: number) => AuditEntry;
}

export interface Sample {
  readonly lines: readonly string[];
  readonly checkpoints: readonly Checkpoint[];
}

/** A whole export: rows `from` to `rows`, with checkpoints behind the rows named. */
export async function sampleExport(options: SampleOptions): Promise<Sample> {
  const { rows, from = 1, checkpointsAt = [], algorithmOf = () => "sha256", entryOf = sampleEntry } = options;
  const key = options.key ?? sampleKey(1);
  const items: ExportItem[] = [];
  const checkpoints: Checkpoint[] = [];
  let previous: Seal | null = null;
  let previousHash = GENESIS_HASH;
  for (let seq = 1; seq <= rows; seq += 1) {
    const entry = entryOf(seq);
    if (seq === from && previous !== null) previousHash = previous.hash;
    previous = sealNext(previous, entry, algorithmOf(seq));
    if (seq >= from) items.push({ kind: "row", seal: previous, entry });
    if (!checkpointsAt.includes(seq) || seq < from - 1) continue;
    const context = { installation: SAMPLE_INSTALLATION, sealedAt: entry.at };
    const checkpoint = signCheckpoint(
      previous,
      context,
      seq === checkpointsAt[0] ? (options.olderKey ?? key) : key,
    );
    checkpoints.push(checkpoint);
    items.push({ kind: "checkpoint", checkpoint });
  }
  const { olderKey } = options;
  const lines: string[] = [];
  const plan = {
    installation: SAMPLE_INSTALLATION,
    from,
    to: options.to ?? null,
    previousHash,
    algorithm: algorithmOf(rows),
    olderKeys: olderKey === undefined ? {} : { [olderKey.keyId]: olderKey.publicKey },
    signingKey: key,
    clock: new ManualClock("2026-11-30T00:00:00.000Z"),
  };
  for await (const line of writeExport(plan, items)) lines.push(line);
  return { lines, checkpoints };
}

export async function* streamed(lines: Iterable<string>): AsyncGenerator<string, void> {
  yield* lines;
}
