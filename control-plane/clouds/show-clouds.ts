import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import type { CloudId } from "../kernel/ids.ts";
import { pictureSettings } from "../placement/picture-age.ts";
import { type Cloud, cloudOf } from "./cloud-view.ts";
import { type CloudRow, looksAt, zonesOf } from "./rows.ts";

type ShowContext = Pick<Ctx, "clock" | "config">;

/** Clouds as people see them: their zones, and how old what is known of them is. */
export async function showClouds(
  tx: Tx,
  { clock, config }: ShowContext,
  rows: readonly CloudRow[],
): Promise<Map<CloudId, Cloud>> {
  const ids = rows.map(({ id }) => id);
  const zones = await zonesOf(tx, ids);
  const looks = await looksAt(tx, ids);
  const age = pictureSettings(clock.now(), config);
  return new Map(
    rows.map((row) => [
      row.id,
      cloudOf(row, { zones: zones.get(row.id) ?? [], look: looks.get(row.id) }, age),
    ]),
  );
}

export async function showCloud(tx: Tx, ctx: ShowContext, row: CloudRow): Promise<Cloud> {
  const shown = (await showClouds(tx, ctx, [row])).get(row.id);
  if (shown === undefined) throw new Error("a cloud that was read is shown");
  return shown;
}
