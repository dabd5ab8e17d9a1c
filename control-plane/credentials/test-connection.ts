import type { CloudAddress } from "../clouds/store.ts";
import { defineVerb } from "../verb.ts";
import { addressedCloud } from "./addressed-cloud.ts";
import { tryConnection } from "./connect.ts";
import { readKeyRing } from "./key-ring.ts";
import { findCredential } from "./store.ts";
import { useCredential } from "./use-credential.ts";
import { type Credential, TestCredential } from "./wire.ts";

interface Trial {
  readonly cloud: CloudAddress;
  readonly credential: Credential;
}

/** Asks a cloud whether it takes a credential, the given one or the one that is kept; keeps nothing. */
export const testConnection = defineVerb({
  name: "credential.test",
  permission: "credential.manage",
  input: TestCredential,
  secretInput: true,
  async prepare(tx, ctx, { id, credential }): Promise<Trial> {
    const cloud = await addressedCloud(tx, ctx, id);
    if (credential !== undefined) return { cloud, credential };
    const row = await findCredential(tx, cloud.id);
    if (row === undefined) return { cloud, credential: {} };
    const ring = await readKeyRing(ctx.config);
    return { cloud, credential: await useCredential(tx, ctx, ring, row, "test") };
  },
  reach: (ctx, _input, { cloud, credential }) => tryConnection(ctx.connect, cloud, credential, ctx.requestId),
  run: async (_tx, _ctx, _input, { cloud }) => ({
    result: { cloudId: cloud.id, reachable: true as const },
    audit: { action: "credential.test", targetType: "cloud", targetId: cloud.id, cloudId: cloud.id },
  }),
});
