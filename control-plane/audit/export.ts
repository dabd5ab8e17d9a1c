import type { z } from "zod";
import type { App, Caller } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { defineVerb, issuesOf } from "../verb.ts";
import { GENESIS_HASH } from "./chain.ts";
import { type ExportItem, writeExport } from "./export-format.ts";
import { type AuditEvent, record } from "./record.ts";
import {
  type CheckpointRow,
  checkpointsBetween,
  findSeal,
  keysBetween,
  lastSeal,
  sealedBetween,
  seqAround,
} from "./rows.ts";
import type { SigningKey } from "./signing-key.ts";
import { ExportAudit } from "./wire.ts";

const PAGE = 500;

/** What an export will hold; rows that are sealed later belong to a later one. */
export interface ExportRange {
  readonly from: number;
  /** Last row asked for; null for everything that was sealed. */
  readonly to: number | null;
  readonly last: number;
  readonly previousHash: string;
  readonly keys: Readonly<Record<string, string>>;
}

/** Decides what an export holds and records who takes it; `exportLines` then writes it. */
export const beginExport = defineVerb({
  name: "audit.export",
  permission: "audit.read",
  input: ExportAudit,
  async run(tx, ctx, input) {
    // The chain cannot be cut along scopes without breaking it.
    if (!ctx.scope.everywhere) throw fault("auth.forbidden", { permission: "audit.read" });
    const range = await rangeOf(tx, input);
    return { result: range, audit: exported(range) };
  },
});

/**
 * For the command line, which is past authorisation; takes the range as it was typed, and leaves its audit
 * row before the first line. `http.invalid_input` for a range that is none or holds no row.
 */
export async function* exportAudit(
  app: App,
  caller: Caller,
  key: SigningKey,
  typed: z.input<typeof ExportAudit>,
): AsyncGenerator<string, void> {
  const input = rangeAsked(typed);
  const range = await app.db.withTx(async (tx) => {
    const planned = await rangeOf(tx, input);
    await record(tx, { ...caller, clock: app.clock, ids: app.ids }, [exported(planned)]);
    return planned;
  });
  yield* exportLines(app, key, range);
}

function rangeAsked(typed: z.input<typeof ExportAudit>): ExportAudit {
  const parsed = ExportAudit.safeParse(typed);
  if (parsed.success) return parsed.data;
  throw fault("http.invalid_input", { issues: issuesOf(parsed.error) });
}

/** The lines without line ends; each page is read in a transaction of its own, in constant memory. */
export function exportLines(app: App, key: SigningKey, range: ExportRange): AsyncGenerator<string, void> {
  const { from, to, previousHash, keys } = range;
  const { INSTALLATION: installation, AUDIT_HASH: algorithm } = app.config;
  const plan = { installation, from, to, previousHash, algorithm, olderKeys: keys };
  return writeExport({ ...plan, signingKey: key, clock: app.clock }, items(app, key, range));
}

async function* items(app: App, key: SigningKey, range: ExportRange): AsyncGenerator<ExportItem, void> {
  const { from, last, keys } = range;
  // A checkpoint of a key that the header does not name was made after the export began.
  const isNamed = ({ keyId }: CheckpointRow) => keyId === key.keyId || keyId in keys;
  const before = await app.db.withTx((tx) => checkpointsBetween(tx, from - 1, from - 1));
  yield* before.filter(isNamed).map(checkpointItem);
  for (let after = from - 1; after < last; ) {
    const page = await app.db.withTx(async (tx) => {
      const rows = await sealedBetween(tx, after, last, PAGE);
      const end = rows.at(-1)?.seal.seq ?? last;
      return { rows, end, checkpoints: await checkpointsBetween(tx, after + 1, end) };
    });
    const checkpoints = new Map(page.checkpoints.filter(isNamed).map((row) => [row.seq, row]));
    for (const { seal, entry } of page.rows) {
      yield { kind: "row", seal, entry };
      const checkpoint = checkpoints.get(seal.seq);
      if (checkpoint !== undefined) yield checkpointItem(checkpoint);
    }
    after = page.end;
  }
}

function checkpointItem({ publicKey: _, sealedAt, ...row }: CheckpointRow): ExportItem {
  return { kind: "checkpoint", checkpoint: { ...row, sealedAt: sealedAt.toISOString() } };
}

async function rangeOf(tx: Tx, { from, to }: ExportAudit): Promise<ExportRange> {
  const sealed = (await lastSeal(tx))?.seq ?? 0;
  const first = await firstOf(tx, from, sealed);
  const asked = await lastOf(tx, to, sealed);
  const last = Math.min(asked, sealed);
  const isWhole = from === undefined && to === undefined;
  if (!isWhole && (first > sealed || last < first)) {
    const message = `no row in this range; ${sealed} rows are sealed`;
    throw fault("http.invalid_input", { issues: [{ path: "from", message }] });
  }
  const previousHash = first === 1 ? GENESIS_HASH : (await findSeal(tx, first - 1))?.hash;
  if (previousHash === undefined) throw new Error(`the chain has no row ${first - 1}`);
  return {
    from: first,
    to: to === undefined || asked > sealed ? null : last,
    last,
    previousHash,
    keys: await keysBetween(tx, first - 1, last),
  };
}

async function firstOf(tx: Tx, from: ExportAudit["from"], sealed: number): Promise<number> {
  if (from === undefined) return 1;
  if (typeof from === "number") return from;
  return (await seqAround(tx, new Date(from))).first ?? sealed + 1;
}

async function lastOf(tx: Tx, to: ExportAudit["to"], sealed: number): Promise<number> {
  if (to === undefined) return sealed;
  if (typeof to === "number") return to;
  return (await seqAround(tx, new Date(to))).last ?? 0;
}

function exported({ from, last }: ExportRange): AuditEvent {
  return { action: "audit.export", targetType: "audit", targetId: "chain", after: { from, last } };
}
