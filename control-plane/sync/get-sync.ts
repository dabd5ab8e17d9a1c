import { findConnection } from "../clouds/store.ts";
import { fault } from "../kernel/fault.ts";
import { type CloudId, knownId } from "../kernel/ids.ts";
import { defineQuery } from "../verb.ts";
import { declaredAndObserved, findSync } from "./rows.ts";
import { SyncOfCloud } from "./wire.ts";

/** How old the picture of a cloud is, and where it differs from what the province says. */
export const getSync = defineQuery({
  name: "cloud.sync",
  permission: "cloud.read",
  input: SyncOfCloud,
  async run(tx, ctx, { id }) {
    const cloud = await findConnection(tx, knownId<CloudId>(id));
    if (cloud === undefined) throw fault("http.not_found");
    const sync = await findSync(tx, cloud.id);
    const now = ctx.clock.now();
    const syncedAt = sync?.syncedAt ?? null;
    const rows = await declaredAndObserved(tx, cloud.id);
    return {
      cloudId: cloud.id,
      attemptedAt: sync?.attemptedAt?.toISOString() ?? null,
      syncedAt: syncedAt?.toISOString() ?? null,
      ageSeconds: syncedAt === null ? null : Math.floor((now.getTime() - syncedAt.getTime()) / 1000),
      problem: sync?.problem ?? null,
      problemSince: sync?.problemSince?.toISOString() ?? null,
      tenancies: sync?.tenancies ?? 0,
      inventories: rows.map((row) => ({ ...row, differs: differs(row) })),
    };
  },
});

type Row = Awaited<ReturnType<typeof declaredAndObserved>>[number];

function differs({ declared, observed }: Row): boolean {
  return observed !== null && observed.total - observed.reserved !== declared.total - declared.reserved;
}
