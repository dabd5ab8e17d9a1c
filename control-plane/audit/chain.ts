import { type KeyObject, sign, verify } from "node:crypto";
import { canonicalJson, digestOf, type HashAlgorithm } from "../kernel/hash.ts";
import type { SigningKey } from "./signing-key.ts";

/** What the first row continues: 64 zeros, whatever the algorithm. */
export const GENESIS_HASH = "0".repeat(64);

/** One audit row, as it is hashed and exported. `at` is ISO 8601 in UTC. */
export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  /** `accountId` is null for the system itself. */
  readonly actor: {
    readonly accountId: string | null;
    readonly name: string;
    readonly roles: readonly string[];
  };
  readonly action: string;
  readonly outcome: "succeeded" | "refused" | "failed";
  readonly targetType: string;
  readonly targetId: string;
  readonly organizationId: string | null;
  readonly cloudId: string | null;
  readonly reason: string | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly requestId: string;
  readonly sourceAddress: string | null;
}

/** An entry's place in the chain. `seq` counts from 1 without gaps. */
export interface Seal {
  readonly seq: number;
  readonly entryId: string;
  readonly previousHash: string;
  readonly hash: string;
  readonly algorithm: HashAlgorithm;
}

export interface SealedEntry {
  readonly seal: Seal;
  readonly entry: AuditEntry;
}

/** A signed statement that the row `seq` had this hash, and with it every row before. */
export interface Checkpoint {
  readonly seq: number;
  readonly hash: string;
  readonly algorithm: HashAlgorithm;
  readonly sealedAt: string;
  readonly keyId: string;
  /** Ed25519, base64. */
  readonly signature: string;
}

/** `H(canonical JSON of {seq, previousHash, algorithm, entry})`, in lower-case hexadecimal digits. */
export function rowHash(place: Omit<Seal, "hash" | "entryId">, entry: AuditEntry): string {
  const { seq, previousHash, algorithm } = place;
  return digestOf({ seq, previousHash, algorithm, entry }, algorithm);
}

/** Seals the entry behind `previous`; null begins the chain. The algorithm may change from row to row. */
export function sealNext(
  previous: Pick<Seal, "seq" | "hash"> | null,
  entry: AuditEntry,
  algorithm: HashAlgorithm,
): Seal {
  const place = {
    seq: (previous?.seq ?? 0) + 1,
    previousHash: previous?.hash ?? GENESIS_HASH,
    algorithm,
  };
  return { ...place, entryId: entry.id, hash: rowHash(place, entry) };
}

/** Signs the canonical JSON of `statement`; base64. */
export function signStatement(statement: object, privateKey: KeyObject): string {
  return sign(null, Buffer.from(canonicalJson(statement), "utf8"), privateKey).toString("base64");
}

export function isSignedBy(statement: object, signature: string, publicKey: KeyObject): boolean {
  const bytes = Buffer.from(signature, "base64");
  // Decoding is lenient: without this, several texts would pass for one signature.
  if (bytes.toString("base64") !== signature) return false;
  return verify(null, Buffer.from(canonicalJson(statement), "utf8"), publicKey, bytes);
}

/** `installation` is signed too, so that one platform's checkpoint cannot stand in another's chain. */
export function signCheckpoint(
  seal: Pick<Seal, "seq" | "hash" | "algorithm">,
  context: { readonly installation: string; readonly sealedAt: string },
  key: SigningKey,
): Checkpoint {
  const { seq, hash, algorithm } = seal;
  const { installation, sealedAt } = context;
  const signature = signStatement({ seq, hash, algorithm, sealedAt, installation }, key.privateKey);
  return { seq, hash, algorithm, sealedAt, keyId: key.keyId, signature };
}

export function isCheckpointGenuine(
  checkpoint: Checkpoint,
  installation: string,
  publicKey: KeyObject,
): boolean {
  const { seq, hash, algorithm, sealedAt, signature } = checkpoint;
  return isSignedBy({ seq, hash, algorithm, sealedAt, installation }, signature, publicKey);
}
