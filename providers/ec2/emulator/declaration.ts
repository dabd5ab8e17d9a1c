import { z } from "zod";
import { PoolDeclaration } from "../../emulation/kind.ts";
import { DEFAULT_IMAGES } from "./images.ts";
import { CloudRecord, ImageRecord } from "./records.ts";

export type Keys = Pick<CloudRecord, "accessKeyId" | "secretAccessKey">;

/** What an operator says of a cloud, its zones or the pools that become zones; what is left out is generous. */
export const CloudDeclaration = z
  .strictObject({
    region: z.string().min(1).default("cn-north-1"),
    zones: CloudRecord.shape.zones.optional(),
    /** As all kinds take them: every pool is a zone of its own. */
    pools: z.array(PoolDeclaration).default([]),
    images: z.array(ImageRecord).default([...DEFAULT_IMAGES]),
    instancesMax: z.int().min(0).default(100_000),
    vpcsMax: z.int().min(0).default(100_000),
  })
  .transform(({ pools, zones, ...rest }) => ({ ...rest, zones: [...(zones ?? []), ...pools.map(zoneOf)] }));
export type CloudDeclaration = z.input<typeof CloudDeclaration>;

/** Zones know no overcommitment: what a pool gives out beyond what it has, its zone has. */
function zoneOf({ name, total, allocationRatio }: PoolDeclaration) {
  const offered = Object.entries(total).map(
    ([resource, amount]) => [resource, Math.floor(amount * (allocationRatio[resource] ?? 1))] as const,
  );
  return { name, total: Object.fromEntries(offered) };
}
