import { z } from "zod";
import { ProviderFault } from "../faults.ts";
import type { Client } from "./client.ts";
import { unless } from "./gone.ts";
import { listAll } from "./pages.ts";
import { toMib } from "./translate.ts";
import { WireFlavor } from "./wire.ts";

interface Size {
  readonly vcpu: number;
  readonly memoryGiB: number;
  readonly diskGiB: number;
}

const OneFlavor = z.object({ flavor: WireFlavor });

/** The id of a flavor of exactly this size, found or created. The id says the size, so two make one. */
export async function ensureFlavor(client: Client, size: Size): Promise<string> {
  const wanted = { vcpus: size.vcpu, ram: toMib(size.memoryGiB), disk: size.diskGiB };
  const id = `yh.${wanted.vcpus}c.${size.memoryGiB}g.${wanted.disk}d`;
  const own = await unless(
    ["NotFound"],
    client.call({ service: "compute", path: ["flavors", id] }, OneFlavor),
  );
  if (own !== null && fits(own.flavor, wanted)) return id;
  const call = { service: "compute", path: ["flavors", "detail"], query: { is_public: "None" } } as const;
  const all = await listAll(client, call, "flavors", WireFlavor);
  const found = all.find((flavor) => fits(flavor, wanted));
  if (found !== undefined) return found.id;
  if (own !== null) throw new ProviderFault("Conflict", `the flavor ${id} has been changed to another size`);
  const body = { flavor: { id, name: id, ...wanted } };
  await unless(
    ["Conflict"],
    client.call({ service: "compute", method: "POST", path: ["flavors"], body }, OneFlavor),
  );
  return id;
}

/** Extra specs steer where a server goes, so a flavor with any is not just a size. */
function fits(flavor: WireFlavor, wanted: Pick<WireFlavor, "vcpus" | "ram" | "disk">): boolean {
  return (
    flavor.vcpus === wanted.vcpus &&
    flavor.ram === wanted.ram &&
    flavor.disk === wanted.disk &&
    (flavor.swap === 0 || flavor.swap === "") &&
    flavor["OS-FLV-EXT-DATA:ephemeral"] === 0 &&
    flavor["os-flavor-access:is_public"] &&
    !flavor["OS-FLV-DISABLED:disabled"] &&
    Object.keys(flavor.extra_specs).length === 0
  );
}
