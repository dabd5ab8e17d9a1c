import { createHash } from "node:crypto";
import { filtered } from "./filters.ts";
import type { Params } from "./params.ts";
import type { ImageRecord } from "./records.ts";
import { ACCOUNT, type Scene } from "./scene.ts";
import type { Xml, XmlFields } from "./xml.ts";

const NAMES = ["kylin-v10-sp3", "uos-server-20", "openeuler-22.03-lts", "anolis-8"];

export const DEFAULT_IMAGES: readonly ImageRecord[] = NAMES.flatMap((name) =>
  (["arm64", "x86_64"] as const).map((architecture) => ({
    id: `ami-${createHash("sha256").update(`${name} ${architecture}`).digest("hex").slice(0, 17)}`,
    name,
    architecture,
  })),
);

export function describeImages(scene: Scene, params: Params): XmlFields {
  const owners = params.texts("Owner");
  const ours = owners.length === 0 || owners.some((owner) => owner === "self" || owner === ACCOUNT);
  const found = filtered(ours ? scene.cloud.images : [], params, (image, filter) => {
    if (filter === "name") return [image.name];
    if (filter === "image-id") return [image.id];
    return filter === "architecture" ? [image.architecture] : undefined;
  });
  return { imagesSet: found.map(imageView) };
}

function imageView({ id, name, architecture }: ImageRecord): Xml {
  return {
    imageId: id,
    imageLocation: `${ACCOUNT}/${name}`,
    imageState: "available",
    imageOwnerId: ACCOUNT,
    creationDate: "2025-01-01T00:00:00.000Z",
    isPublic: false,
    architecture,
    imageType: "machine",
    name,
    rootDeviceType: "ebs",
    rootDeviceName: "/dev/sda1",
    virtualizationType: "hvm",
    hypervisor: "xen",
    blockDeviceMapping: [
      { deviceName: "/dev/sda1", ebs: { volumeSize: 10, deleteOnTermination: true, volumeType: "gp2" } },
    ],
  };
}
