import { fault } from "../kernel/fault.ts";
import { defineQuery } from "../verb.ts";
import { addressedCloud } from "./addressed-cloud.ts";
import { findCredential } from "./store.ts";
import { CredentialOfCloud, stateOf } from "./wire.ts";

/** What is known about a credential; the credential itself leaves the database for the cloud only. */
export const getCredential = defineQuery({
  name: "credential.get",
  permission: "credential.read",
  input: CredentialOfCloud,
  async run(tx, ctx, { id }) {
    const cloud = await addressedCloud(tx, ctx, id);
    const row = await findCredential(tx, cloud.id);
    if (row === undefined) throw fault("http.not_found");
    return stateOf(row);
  },
});
