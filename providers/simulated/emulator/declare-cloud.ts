import { z } from "zod";
import { CloudName, PoolDeclaration } from "../../emulation/kind.ts";
import type { Change } from "./changes.ts";
import { DEFAULT_IMAGES } from "./images.ts";
import { type CloudRecord, ImageRecord } from "./records.ts";
import type { CloudState } from "./state.ts";

/** What an operator declares about a simulated cloud; the rest has defaults. */
export const CloudDeclaration = z.strictObject({
  version: z.string().min(1).default("simulated/1"),
  pools: z.array(PoolDeclaration),
  images: z.array(ImageRecord).default([...DEFAULT_IMAGES]),
});

export const NamedCloudDeclaration = CloudDeclaration.extend({ id: CloudName });
export type NamedCloudDeclaration = z.input<typeof NamedCloudDeclaration>;

/** Creates the cloud or brings it to the declaration; empty when nothing differs. A pool in use stays. */
export function declareCloud(
  id: string,
  declared: z.output<typeof CloudDeclaration>,
  existing: CloudState | undefined,
): Change[] {
  const names = new Set(declared.pools.map((pool) => pool.name));
  const inUse = new Set([...(existing?.tenancies.values() ?? [])].map((tenancy) => tenancy.pool));
  const kept = (existing?.record.pools ?? []).filter((pool) => inUse.has(pool.name) && !names.has(pool.name));
  const value: CloudRecord = {
    id,
    version: declared.version,
    pools: [...declared.pools, ...kept],
    images: declared.images,
  };
  if (existing !== undefined && JSON.stringify(existing.record) === JSON.stringify(value)) return [];
  return [{ table: "cloud", cloud: id, value }];
}
