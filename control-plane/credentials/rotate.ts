import { record } from "../audit/record.ts";
import type { App, Caller } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { seal } from "./cipher.ts";
import { type KeyRing, readKeyRing } from "./key-ring.ts";
import { credentialsAfter, saveCredential } from "./store.ts";
import { openCredential } from "./use-credential.ts";

const BATCH = 100;

/**
 * Seals every credential anew under the first key and the configured cipher. Adapters notice nothing:
 * what is kept stays the same, and both keys open until the old one is taken out of the ring.
 */
async function rotateCredentials(app: App, caller: Caller): Promise<Rotation> {
  const ring = await readKeyRing(app.config);
  const total = { sealed: 0, kept: 0 };
  for (let after: string | null = ""; after !== null; ) {
    const from: string = after;
    const batch = await app.db.withTx((tx) => rotateBatch(tx, app, caller, ring, from));
    total.sealed += batch.sealed;
    total.kept += batch.kept;
    after = batch.last;
  }
  return total;
}

interface Rotation {
  readonly sealed: number;
  readonly kept: number;
}

async function rotateBatch(
  tx: Tx,
  app: App,
  caller: Caller,
  ring: KeyRing,
  after: string,
): Promise<Rotation & { readonly last: string | null }> {
  const cipher = app.config.CREDENTIAL_CIPHER;
  const { current } = ring;
  const rows = await credentialsAfter(tx, after, BATCH);
  const stale = rows.filter((row) => row.keyId !== current.id || row.cipher !== cipher);
  for (const row of stale) {
    const secret = JSON.stringify(openCredential(ring, row));
    await saveCredential(tx, {
      ...row,
      ...seal(cipher, current.bytes, row.cloudId, secret),
      keyId: current.id,
    });
    await record(tx, { ...caller, clock: app.clock, ids: app.ids }, [
      {
        action: "credential.rotate",
        targetType: "cloud",
        targetId: row.cloudId,
        cloudId: row.cloudId,
        before: { keyId: row.keyId, cipher: row.cipher },
        after: { keyId: current.id, cipher },
      },
    ]);
  }
  const last = rows.length === BATCH ? (rows.at(-1)?.cloudId ?? null) : null;
  return { sealed: stale.length, kept: rows.length - stale.length, last };
}

/** `yunheng credentials rotate` */
export async function rotateCommand(
  app: App,
  caller: Caller,
  print: (line: string) => void,
): Promise<number> {
  const { sealed, kept } = await rotateCredentials(app, caller);
  print(`已换用新密钥 sealed anew: ${sealed}，未变 unchanged: ${kept}`);
  return 0;
}
