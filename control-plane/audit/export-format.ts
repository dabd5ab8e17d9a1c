import { z } from "zod";
import type { Clock } from "../kernel/clock.ts";
import { canonicalJson, digest, type HashAlgorithm } from "../kernel/hash.ts";
import { type Checkpoint, GENESIS_HASH, type SealedEntry, signStatement } from "./chain.ts";
import type { SigningKey } from "./signing-key.ts";

/*
 * An export is JSON Lines; each line is canonical JSON (RFC 8785), byte for byte:
 *
 *   header       what the export claims to hold, and the public keys; signed
 *   row          {seal, entry}, ascending by seq without gaps
 *   checkpoint   directly behind the row that it signs (behind the header for the row before the first)
 *   footer       count, last row, number of checkpoints, hash of the header; signed
 */
const EXPORT_FORMAT = "yunheng-audit-export";
const EXPORT_VERSION = 1;

/** In UTF-16 units. Bodies are bounded far below, so that a longer line is never a genuine row. */
export const LINE_LENGTH_MAX = 16 * 1024 * 1024;

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const KeyId = z.string().regex(/^[0-9a-f]{16}$/);
const Seq = z.int().min(1);
const Algorithm = z.enum(["sha256", "sm3"]);

const Header = z
  .strictObject({
    type: z.literal("header"),
    format: z.literal(EXPORT_FORMAT),
    version: z.literal(EXPORT_VERSION),
    installation: z.string().min(1),
    /** First row. */
    from: Seq,
    /** Last row asked for; null means everything that was sealed at the time. */
    to: Seq.nullable(),
    /** What the first row continues: the hash of row `from - 1`, or `GENESIS_HASH`. */
    previousHash: Hash,
    /** In use when the export was made; older rows may have another. */
    algorithm: Algorithm,
    /** SPKI PEM by key id: every key that signed something in this export. */
    publicKeys: z.record(KeyId, z.string()),
    keyId: KeyId,
    signature: z.string(),
  })
  .refine(
    ({ from, previousHash }) => from > 1 || previousHash === GENESIS_HASH,
    "the first row continues the genesis hash",
  );

const Row = z.strictObject({
  type: z.literal("row"),
  seal: z.strictObject({
    seq: Seq,
    entryId: z.string(),
    previousHash: Hash,
    hash: Hash,
    algorithm: Algorithm,
  }),
  // Loose: a field that is not known here is hashed all the same.
  entry: z.looseObject({
    id: z.string(),
    at: z.iso.datetime(),
    actor: z.looseObject({ accountId: z.string().nullable(), name: z.string(), roles: z.array(z.string()) }),
    action: z.string(),
    outcome: z.enum(["succeeded", "refused", "failed"]),
    targetType: z.string(),
    targetId: z.string(),
    organizationId: z.string().nullable(),
    cloudId: z.string().nullable(),
    reason: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    requestId: z.string(),
    sourceAddress: z.string().nullable(),
  }),
});

/** A checkpoint as the API publishes it, and as `audit verify --checkpoint` takes it back. */
export const CheckpointBody = z.strictObject({
  seq: Seq,
  hash: Hash,
  algorithm: Algorithm,
  sealedAt: z.iso.datetime(),
  keyId: KeyId,
  signature: z.string(),
});

const CheckpointLine = CheckpointBody.extend({ type: z.literal("checkpoint") });

const Footer = z.strictObject({
  type: z.literal("footer"),
  count: z.int().min(0),
  /** `from - 1` in an export without rows. */
  lastSeq: z.int().min(0),
  lastHash: Hash,
  checkpoints: z.int().min(0),
  /** SHA-256 of the header line: a footer cannot be moved to another export. */
  headerHash: Hash,
  exportedAt: z.iso.datetime(),
  keyId: KeyId,
  signature: z.string(),
});

const ExportRecord = z.discriminatedUnion("type", [Header, Row, CheckpointLine, Footer]);

export type ExportHeader = z.infer<typeof Header>;

export type ExportCheckpoint = z.infer<typeof CheckpointLine>;
export type ExportFooter = z.infer<typeof Footer>;
export type ExportRecord = z.infer<typeof ExportRecord>;

export type ExportItem =
  | ({ readonly kind: "row" } & SealedEntry)
  | { readonly kind: "checkpoint"; readonly checkpoint: Checkpoint };

export interface ExportPlan {
  readonly installation: string;
  readonly from: number;
  readonly to: number | null;
  readonly previousHash: string;
  readonly algorithm: HashAlgorithm;
  /** Public keys (SPKI PEM by key id) of older checkpoints; the signing key's own is added. */
  readonly olderKeys?: Readonly<Record<string, string>>;
  readonly signingKey: SigningKey;
  readonly clock: Clock;
}

/**
 * The export's lines, without line ends. Rows are written as they come, right or wrong:
 * it is verification that judges them. `RangeError` for a row that no reader would accept.
 */
export async function* writeExport(
  plan: ExportPlan,
  items: Iterable<ExportItem> | AsyncIterable<ExportItem>,
): AsyncGenerator<string, void> {
  const { signingKey } = plan;
  const signed = (statement: object): string => {
    const named = { ...statement, keyId: signingKey.keyId };
    return canonicalJson({ ...named, signature: signStatement(named, signingKey.privateKey) });
  };
  const header = signed({
    type: "header",
    format: EXPORT_FORMAT,
    version: EXPORT_VERSION,
    installation: plan.installation,
    from: plan.from,
    to: plan.to,
    previousHash: plan.previousHash,
    algorithm: plan.algorithm,
    publicKeys: { ...plan.olderKeys, [signingKey.keyId]: signingKey.publicKey },
  });
  yield header;

  let last = { seq: plan.from - 1, hash: plan.previousHash };
  let count = 0;
  let checkpoints = 0;
  for await (const item of items) {
    if (item.kind === "checkpoint") {
      checkpoints += 1;
      yield canonicalJson({ type: "checkpoint", ...item.checkpoint });
      continue;
    }
    const { seal, entry } = item;
    const line = canonicalJson({ type: "row", seal, entry });
    if (line.length > LINE_LENGTH_MAX) throw new RangeError(`audit row ${seal.seq} is too long to export`);
    last = seal;
    count += 1;
    yield line;
  }
  yield signed({
    type: "footer",
    count,
    lastSeq: last.seq,
    lastHash: last.hash,
    checkpoints,
    headerHash: digest(header),
    exportedAt: plan.clock.now().toISOString(),
  });
}

export type ReadLine =
  | { readonly line: number; readonly text: string; readonly record: ExportRecord }
  /** `isCut`: it is no JSON and nothing follows, as at the end of a file that was cut within a line. */
  | { readonly line: number; readonly damage: string; readonly isCut: boolean };

const NOT_JSON = "not JSON";

/** Reads the records with their line numbers from 1; ends behind the first damaged line. */
export async function* readExport(lines: AsyncIterable<string>): AsyncGenerator<ReadLine, void> {
  let line = 0;
  let damage: string | null = null;
  for await (const text of lines) {
    if (damage !== null) {
      yield { line, damage, isCut: false };
      return;
    }
    line += 1;
    const read = parseLine(text);
    if (typeof read === "string") damage = read;
    else yield { line, text, record: read };
  }
  if (damage !== null) yield { line, damage, isCut: damage === NOT_JSON };
}

/** The record, or what is wrong with the line. */
function parseLine(text: string): ExportRecord | string {
  if (text.length > LINE_LENGTH_MAX) return `longer than ${LINE_LENGTH_MAX} characters`;
  const value = parseJson(text);
  if (value === undefined) return NOT_JSON;
  const parsed = ExportRecord.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return issue === undefined ? "not a record" : `${issue.path.join(".") || "record"}: ${issue.message}`;
  }
  // Otherwise a doubled key or a hidden field could show one thing to a reader and another to the hash.
  if (canonicalText(parsed.data) !== text) return "not in canonical form";
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Null for values that have no canonical form, such as half a surrogate pair. */
function canonicalText(value: unknown): string | null {
  try {
    return canonicalJson(value);
  } catch {
    return null;
  }
}

/**
 * Splits text into lines without ever holding more than one of them; an overlong line
 * is cut just above `LINE_LENGTH_MAX`, where the reader refuses it.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let held = "";
  for await (const chunk of chunks) {
    const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
      yield withoutReturn(bounded(held, text.slice(from, end)));
      held = "";
      from = end + 1;
    }
    held = bounded(held, text.slice(from));
  }
  held = bounded(held, decoder.decode());
  if (held !== "") yield withoutReturn(held);
}

function bounded(held: string, more: string): string {
  const room = LINE_LENGTH_MAX + 1 - held.length;
  return more.length > room ? held + more.slice(0, Math.max(0, room)) : held + more;
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
