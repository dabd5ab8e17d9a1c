import { fault } from "../kernel/fault.ts";
import { defineVerb } from "../verb.ts";
import { addressedCloud } from "./addressed-cloud.ts";
import { seal } from "./cipher.ts";
import { tryConnection } from "./connect.ts";
import { readKeyRing } from "./key-ring.ts";
import { findCredential, saveCredential } from "./store.ts";
import { GivenCredential, stateOf } from "./wire.ts";

/** Keeps a credential that the cloud takes; the old one serves until the new one is kept. */
export const setCredential = defineVerb({
  name: "credential.set",
  permission: "credential.manage",
  input: GivenCredential,
  secretInput: true,
  prepare: (tx, ctx, { id }) => addressedCloud(tx, ctx, id),
  reach: (ctx, { credential }, cloud) => tryConnection(ctx.connect, cloud, credential, ctx.requestId),
  async run(tx, ctx, { credential, ifMatch }, cloud) {
    const before = await findCredential(tx, cloud.id, true);
    if (ifMatch !== undefined && ifMatch !== before?.generation) {
      throw fault("http.precondition_failed", { generation: before?.generation ?? null });
    }
    const { current } = await readKeyRing(ctx.config);
    const sealed = seal(ctx.config.CREDENTIAL_CIPHER, current.bytes, cloud.id, JSON.stringify(credential));
    const after = {
      ...sealed,
      cloudId: cloud.id,
      keyId: current.id,
      fields: Object.keys(credential).sort(),
      setAt: ctx.clock.now(),
      setBy: ctx.actor.name,
      lastUsedAt: null,
      generation: (before?.generation ?? 0) + 1,
    };
    await saveCredential(tx, after);
    const told = (row: typeof before) => row && { fields: row.fields, generation: row.generation };
    return {
      result: stateOf(after),
      audit: {
        action: "credential.set",
        targetType: "cloud",
        targetId: cloud.id,
        cloudId: cloud.id,
        before: told(before) ?? null,
        after: told(after),
      },
    };
  },
});
