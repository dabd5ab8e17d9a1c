import { createHash } from "node:crypto";
import { type Ctx, micros, seconds } from "./context.ts";
import { serverLinks } from "./places.ts";
import type { ServerRecord } from "./records.ts";

const STATUS: Readonly<Record<ServerRecord["vm"], string>> = {
  building: "BUILD",
  active: "ACTIVE",
  stopped: "SHUTOFF",
  resized: "VERIFY_RESIZE",
  error: "ERROR",
};

const NO_HOST = "No valid host was found. There are not enough hosts available.";

/** A server as microversion 2.90 shows it to its owner. */
export function serverWire(c: Ctx, server: ServerRecord) {
  const state = c.get("state");
  const image = {
    id: server.imageId,
    links: [{ rel: "bookmark", href: `${c.get("base")}/compute/images/${server.imageId}` }],
  };
  const failed = server.vm === "error";
  const built = server.vm !== "building" && !failed;
  const ports = state.all("ports").filter(({ deviceId }) => deviceId === server.id);
  const groups = ports.flatMap(({ securityGroups }) =>
    securityGroups.flatMap((id) => state.get("securityGroups", id)?.name ?? []),
  );
  return {
    id: server.id,
    name: server.name,
    status: server.task === "resize_prep" ? "RESIZE" : STATUS[server.vm],
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId:
      server.host === null
        ? ""
        : createHash("sha224")
            .update(server.projectId + server.host)
            .digest("hex"),
    image,
    flavor: {
      vcpus: server.flavor.vcpus,
      ram: server.flavor.ram,
      disk: server.flavor.disk,
      ephemeral: 0,
      swap: 0,
      original_name: server.flavor.name,
      extra_specs: {},
    },
    created: seconds(server.createdAt),
    updated: seconds(server.updatedAt),
    addresses: built ? addressesOf(c, ports) : {},
    accessIPv4: "",
    accessIPv6: "",
    links: serverLinks(c.get("base"), server.id),
    "OS-DCF:diskConfig": "MANUAL",
    ...(failed
      ? { fault: { code: 500, created: seconds(server.updatedAt), message: NO_HOST } }
      : { progress: 0 }),
    "OS-EXT-AZ:availability_zone": server.zone,
    config_drive: "",
    key_name: null,
    "OS-SRV-USG:launched_at": built ? micros(server.createdAt).replace("Z", "") : null,
    "OS-SRV-USG:terminated_at": null,
    ...(failed ? {} : { security_groups: groups.map((name) => ({ name })) }),
    "OS-EXT-STS:task_state": server.task,
    "OS-EXT-STS:vm_state": server.vm,
    "OS-EXT-STS:power_state": built ? 1 : 0,
    "os-extended-volumes:volumes_attached": [],
    locked: false,
    locked_reason: null,
    description: null,
    tags: server.tags,
    trusted_image_certificates: null,
    "OS-EXT-SRV-ATTR:hostname": server.name,
    server_groups: [],
  };
}

function addressesOf(
  c: Ctx,
  ports: readonly { networkId: string; address: string | null; macAddress: string }[],
) {
  const state = c.get("state");
  return Object.fromEntries(
    ports.map(({ networkId, address, macAddress }) => [
      state.get("networks", networkId)?.name ?? networkId,
      [{ version: 4, addr: address, "OS-EXT-IPS:type": "fixed", "OS-EXT-IPS-MAC:mac_addr": macAddress }],
    ]),
  );
}
