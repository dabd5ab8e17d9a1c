import { ProviderFault } from "../../providers/faults.ts";
import { record } from "../audit/record.ts";
import type { Caller } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Ids } from "../kernel/ids.ts";
import { NotAuthentic, unseal } from "./cipher.ts";
import type { KeyRing } from "./key-ring.ts";
import { type CredentialRow, markUsed } from "./store.ts";
import { Credential } from "./wire.ts";

interface UseContext extends Caller {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Opens a kept credential and leaves an audit row that it was opened, by whom and for what. */
export async function useCredential(
  tx: Tx,
  ctx: UseContext,
  ring: KeyRing,
  row: CredentialRow,
  purpose: string,
): Promise<Credential> {
  const credential = openCredential(ring, row);
  await markUsed(tx, row.cloudId, ctx.clock.now());
  await record(tx, ctx, [
    {
      action: "credential.use",
      targetType: "cloud",
      targetId: row.cloudId,
      cloudId: row.cloudId,
      reason: purpose,
      after: { fields: row.fields, generation: row.generation },
    },
  ]);
  return credential;
}

/** @throws ProviderFault Invalid, in the operator's words, where no key of the ring opens it */
export function openCredential(ring: KeyRing, row: CredentialRow): Credential {
  const key = ring.find(row.keyId);
  if (key === undefined) {
    throw new ProviderFault("Invalid", `the credential is sealed under key ${row.keyId}, which is missing`);
  }
  try {
    return Credential.parse(JSON.parse(unseal(row, key.bytes, row.cloudId)));
  } catch (error) {
    if (!(error instanceof NotAuthentic)) throw error;
    throw new ProviderFault("Invalid", `the credential does not open with key ${row.keyId}`, {
      cause: error,
    });
  }
}
