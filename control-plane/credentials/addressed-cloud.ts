import { covers } from "../authz/scope.ts";
import { type CloudAddress, findConnection } from "../clouds/store.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { type CloudId, knownId } from "../kernel/ids.ts";

/** The cloud that a caller names; everybody sees every cloud, so that a foreign one is refused instead of hidden. */
export async function addressedCloud(tx: Tx, ctx: Ctx, id: string): Promise<CloudAddress> {
  const cloud = await findConnection(tx, knownId<CloudId>(id));
  if (cloud === undefined) throw fault("http.not_found");
  if (!covers(ctx.scope, { cloudId: cloud.id })) throw fault("auth.forbidden", { cloudId: cloud.id });
  return cloud;
}
