import { fault } from "../kernel/fault.ts";
import { defineVerb } from "../verb.ts";
import { addressedCloud } from "./addressed-cloud.ts";
import { deleteCredential, findCredential } from "./store.ts";
import { CredentialOfCloud, stateOf } from "./wire.ts";

/** Forgets a credential; the cloud is out of reach from the next connection on. */
export const removeCredential = defineVerb({
  name: "credential.remove",
  permission: "credential.manage",
  input: CredentialOfCloud,
  async run(tx, ctx, { id }) {
    const cloud = await addressedCloud(tx, ctx, id);
    const row = await findCredential(tx, cloud.id, true);
    if (row === undefined) throw fault("http.not_found");
    await deleteCredential(tx, cloud.id);
    return {
      result: stateOf(row),
      audit: {
        action: "credential.remove",
        targetType: "cloud",
        targetId: cloud.id,
        cloudId: cloud.id,
        before: { fields: row.fields, generation: row.generation },
      },
    };
  },
});
