import { z } from "zod";
import { ProviderFault } from "../faults.ts";
import type { OpenstackConnection } from "./connection.ts";

export type Service = "identity" | "compute" | "network" | "image" | "placement" | "volume";

export const WireCatalog = z.array(
  z.object({
    type: z.string(),
    endpoints: z.array(
      z.object({ interface: z.string(), region: z.string().nullable().default(null), url: z.string() }),
    ),
  }),
);
export type WireCatalog = z.infer<typeof WireCatalog>;

/** The names under which catalogs list a service, the best first. */
const TYPES: Readonly<Record<Service, readonly string[]>> = {
  identity: ["identity"],
  compute: ["compute"],
  network: ["network"],
  image: ["image"],
  placement: ["placement"],
  volume: ["block-storage", "volumev3"],
};

/** What services leave out of the address that they register. */
const VERSION: Readonly<Record<Service, { readonly known: RegExp; readonly add: string } | null>> = {
  identity: { known: /\/v3$/, add: "/v3" },
  compute: null,
  network: { known: /\/v2\.0$/, add: "/v2.0" },
  image: { known: /\/v2$/, add: "/v2" },
  placement: null,
  volume: null,
};

type Place = Pick<OpenstackConnection, "region" | "interface">;

/** Without a trailing slash; null where the catalog has no such service for this region and interface. */
export function findEndpoint(catalog: WireCatalog, service: Service, place: Place): string | null {
  for (const type of TYPES[service]) {
    const endpoints = catalog
      .filter((entry) => entry.type === type)
      .flatMap((entry) => entry.endpoints)
      .filter((endpoint) => endpoint.interface === place.interface)
      .filter((endpoint) => place.region === undefined || endpoint.region === place.region);
    const [first] = endpoints;
    if (first === undefined) continue;
    if (endpoints.length > 1) {
      throw new ProviderFault("Invalid", `the catalog has ${type} in several regions: name one`);
    }
    return versioned(first.url, service);
  }
  return null;
}

export function endpointOf(catalog: WireCatalog, service: Service, place: Place): string {
  const url = findEndpoint(catalog, service, place);
  if (url !== null) return url;
  const where = place.region === undefined ? "" : ` in region ${place.region}`;
  throw new ProviderFault("Invalid", `the catalog has no ${place.interface} ${service} service${where}`);
}

export function versioned(url: string, service: Service): string {
  const base = url.replace(/\/+$/, "");
  const version = VERSION[service];
  return version === null || version.known.test(base) ? base : `${base}${version.add}`;
}
