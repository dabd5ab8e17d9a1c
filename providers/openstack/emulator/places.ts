/** The services of a cloud lie below its name: `/{cloud}/identity/v3`, `/{cloud}/compute/v2.1` and so on. */

export const SERVICES = ["identity", "compute", "network", "image", "placement", "volume"] as const;
export type Service = (typeof SERVICES)[number];

const ADDRESS: Readonly<Record<Service, string>> = {
  identity: "identity/v3",
  compute: "compute/v2.1",
  network: "network",
  image: "image",
  placement: "placement",
  volume: "volume/v3",
};

export function addressOf(base: string, service: Service): string {
  return `${base}/${ADDRESS[service]}`;
}

export function serviceOf(path: string): Service {
  const name = path.split("/")[1];
  return SERVICES.find((service) => service === name) ?? "identity";
}

export function serverLinks(base: string, id: string) {
  const self = `${addressOf(base, "compute")}/servers/${id}`;
  return [
    { rel: "self", href: self },
    { rel: "bookmark", href: self.replace("/v2.1", "") },
  ];
}
