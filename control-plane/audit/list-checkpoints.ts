import { afterOf, pageOf } from "../http/page.ts";
import { fault } from "../kernel/fault.ts";
import { defineQuery } from "../verb.ts";
import { listCheckpoints as listRows } from "./rows.ts";
import { checkpointResource, ListCheckpoints } from "./wire.ts";

/** Signed statements about the chain, to be published or filed elsewhere; newest first. */
export const listCheckpoints = defineQuery({
  name: "audit.checkpoints",
  permission: "audit.read",
  input: ListCheckpoints,
  async run(tx, _ctx, { limit, cursor }) {
    const rows = await listRows(tx, seqOf(afterOf(cursor)), limit);
    return pageOf(rows, limit, ({ seq }) => String(seq), checkpointResource);
  },
});

function seqOf(key: string): number | null {
  if (key === "") return null;
  if (!/^\d{1,15}$/.test(key)) throw fault("http.invalid_cursor");
  return Number(key);
}
