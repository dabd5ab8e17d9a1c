import { createPublicKey, type KeyObject } from "node:crypto";
import { digest } from "../kernel/hash.ts";
import { type Checkpoint, isCheckpointGenuine, isSignedBy } from "./chain.ts";
import { type ExportHeader, type ReadLine, readExport } from "./export-format.ts";
import { ExportPass, type Opened } from "./export-pass.ts";
import { damaged, type ExportProblem, problem, wrongKey } from "./export-problem.ts";
import { keyIdOf } from "./signing-key.ts";
import { type ChainVerdict, verifyChain } from "./verify-chain.ts";

export interface Verdict {
  readonly ok: boolean;
  /** Rows in order, up to the problem. */
  readonly count: number;
  /** Null when no row was in order. */
  readonly range: { readonly firstSeq: number; readonly lastSeq: number } | null;
  readonly checkpointsVerified: number;
  /** Whose word the signatures are: a key the caller trusts, or keys that the export itself brings. */
  readonly trust: "trusted_key" | "keys_in_export";
  /** `not_covered`: the export neither confirms nor contradicts the checkpoint. */
  readonly publishedCheckpoint: "not_given" | "matched" | "contradicted" | "not_covered";
  readonly problem: ExportProblem | null;
}

/**
 * Without options, every change by somebody who lacks the private key is found, but not an export
 * that was forged as a whole and signed with a key of the forger's own.
 * - `trustedPublicKey` (SPKI PEM), obtained from the installation by another way, finds that too;
 *   it does not protect from somebody who has the private key.
 * - `checkpoint`, published earlier (printed, filed, sent to the superior platform), finds any rewriting
 *   of the rows up to it, even with the private key; it says nothing about later rows.
 */
export interface VerifyOptions {
  readonly trustedPublicKey?: string;
  readonly checkpoint?: Checkpoint;
}

/** Verifies an export in one pass with constant memory; needs no database and no network. */
export async function verifyExport(
  lines: AsyncIterable<string>,
  options: VerifyOptions = {},
): Promise<Verdict> {
  const records = readExport(lines);
  const first = await records.next();
  const opened = openExport(first.done === true ? null : first.value, options);
  if (!("header" in opened)) return verdictOf(options, null, opened);

  const pass = new ExportPass(opened, options.checkpoint ?? null);
  const chain = await verifyChain(pass.items(records), {
    seq: opened.header.from - 1,
    hash: opened.header.previousHash,
  });
  return verdictOf(options, { pass, chain }, chain.problem ?? pass.problem ?? pass.unreachedCheckpoint());
}

function openExport(read: ReadLine | null, options: VerifyOptions): Opened | ExportProblem {
  if (read === null) return problem("truncated", null, null, "文件为空", "The export is empty");
  if ("damage" in read) return damaged(read, null);
  const { record: header, line, text } = read;
  if (header.type !== "header") {
    return problem("removed", null, line, "缺少文件头", "The header is missing");
  }
  const keys = keysOf(header);
  const signer = keys?.get(header.keyId);
  // Compared as a whole: a key id is only a name, 64 bits of a hash prove nothing.
  if (keys === null || signer === undefined || !isTrusted(signer, options.trustedPublicKey)) {
    return wrongKey(header.keyId, null, line);
  }
  const { signature, ...statement } = header;
  if (!isSignedBy(statement, signature, signer)) {
    return problem("bad_signature", null, line, "文件头的签名无效", "The header's signature is not valid");
  }
  const { checkpoint } = options;
  const checkpointKey = checkpoint && keys.get(checkpoint.keyId);
  if (checkpointKey && !isCheckpointGenuine(checkpoint, header.installation, checkpointKey)) {
    return problem(
      "bad_signature",
      checkpoint.seq,
      null,
      "所提供的检查点本身签名无效",
      "The signature of the checkpoint that was supplied is not valid",
    );
  }
  return { header, headerHash: digest(text), keys };
}

/** Null when a key is not what its id says. */
function keysOf(header: ExportHeader): ReadonlyMap<string, KeyObject> | null {
  const keys = new Map<string, KeyObject>();
  for (const [keyId, pem] of Object.entries(header.publicKeys)) {
    const key = publicKeyIn(pem);
    if (key === null || keyIdOf(key) !== keyId) return null;
    keys.set(keyId, key);
  }
  return keys;
}

function isTrusted(signer: KeyObject, trustedPem: string | undefined): boolean {
  if (trustedPem === undefined) return true;
  const trusted = publicKeyIn(trustedPem);
  if (trusted === null) throw new TypeError("the trusted key is not an Ed25519 public key in PEM form");
  return signer.equals(trusted);
}

/** Whether `trustedPublicKey` takes it. */
export function isPublicKey(pem: string): boolean {
  return publicKeyIn(pem) !== null;
}

function publicKeyIn(pem: string): KeyObject | null {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === "ed25519" ? key : null;
  } catch {
    return null;
  }
}

function verdictOf(
  options: VerifyOptions,
  reached: { readonly pass: ExportPass; readonly chain: ChainVerdict } | null,
  first: ExportProblem | null,
): Verdict {
  const chain = reached?.chain ?? { count: 0, last: { seq: 0 } };
  return {
    ok: first === null,
    count: chain.count,
    range: chain.count === 0 ? null : { firstSeq: chain.last.seq - chain.count + 1, lastSeq: chain.last.seq },
    checkpointsVerified: reached?.pass.checkpoints ?? 0,
    trust: options.trustedPublicKey === undefined ? "keys_in_export" : "trusted_key",
    publishedCheckpoint: publishedOutcome(options.checkpoint, reached),
    problem: first,
  };
}

function publishedOutcome(
  checkpoint: Checkpoint | undefined,
  reached: { readonly pass: ExportPass; readonly chain: ChainVerdict } | null,
): Verdict["publishedCheckpoint"] {
  if (checkpoint === undefined) return "not_given";
  if (reached?.pass.isPublishedEqual === false) return "contradicted";
  // A row that claims the right hash counts only where the chain was in order up to it.
  const isReached = reached?.pass.isPublishedEqual === true && reached.chain.last.seq >= checkpoint.seq;
  return isReached ? "matched" : "not_covered";
}
