import { createPublicKey } from "node:crypto";
import type { Tx } from "../db/tx.ts";
import type { AuditAction } from "./actions.ts";
import { type AuditEntry, type Checkpoint, isCheckpointGenuine, rowHash, type Seal } from "./chain.ts";
import { checkpointCovering, entryAbout, sealedBetween } from "./rows.ts";
import { verifyChain } from "./verify-chain.ts";

/** An entry with what stands for it in the chain. */
export interface Proof {
  readonly entry: AuditEntry;
  /** Null until the entry is sealed, a few seconds after its commit. */
  readonly seal: Seal | null;
  /** The first signed statement that covers the seal; null until there is one. */
  readonly checkpoint: (Checkpoint & { readonly publicKey: string }) | null;
}

/** The newest entry of a kind about an object; null where there is none. */
export async function proofOf(tx: Tx, action: AuditAction, targetId: string): Promise<Proof | null> {
  const found = await entryAbout(tx, action, targetId);
  if (found === undefined) return null;
  const row = found.seal === null ? undefined : await checkpointCovering(tx, found.seal.seq);
  const checkpoint = row === undefined ? null : { ...row, sealedAt: row.sealedAt.toISOString() };
  return { ...found, checkpoint };
}

const ROWS_MAX = 5000;

/**
 * What speaks against an entry: that its row is not the one that was sealed, that the rows from it to the
 * checkpoint do not follow from each other, or that the checkpoint was signed by nobody. Null where nothing does.
 */
export async function objectionTo(
  tx: Tx,
  { entry, seal, checkpoint }: Proof,
  installation: string,
): Promise<"not_sealed" | "changed" | "not_signed" | null> {
  if (seal === null || checkpoint === null) return "not_sealed";
  if (rowHash(seal, entry) !== seal.hash) return "changed";
  const rows = await sealedBetween(tx, seal.seq, checkpoint.seq, ROWS_MAX);
  const items = rows.map((row, at) => ({ ...row, kind: "row" as const, line: at + 1 }));
  const chain = await verifyChain(items, seal);
  const reached = chain.last.seq === checkpoint.seq && chain.last.hash === checkpoint.hash;
  if (chain.problem !== null || !reached) return "changed";
  const key = createPublicKey(checkpoint.publicKey);
  return isCheckpointGenuine(checkpoint, installation, key) ? null : "not_signed";
}
