import { filtered } from "./filters.ts";
import { pageOf } from "./pages.ts";
import type { Params } from "./params.ts";
import type { VolumeRecord } from "./records.ts";
import { missing, Refusal } from "./refusal.ts";
import { type Scene, visible } from "./scene.ts";
import { tagSet } from "./tags.ts";
import type { Xml, XmlFields } from "./xml.ts";
import { assertRoom } from "./zones.ts";

export function describeVolumes(scene: Scene, params: Params): XmlFields {
  const found = filtered(visible(scene, scene.tables.volume), params, (volume, filter) => {
    if (filter === "attachment.instance-id") return volume.instanceId === null ? [] : [volume.instanceId];
    if (filter === "status") return [statusOf(volume)];
    if (filter === "volume-id") return [volume.id];
    return filter === "availability-zone" ? [volume.zone] : undefined;
  });
  const page = pageOf(found, params);
  return { volumeSet: page.rows.map(volumeView), nextToken: page.nextToken };
}

export function modifyVolume(scene: Scene, params: Params): XmlFields {
  const volume = volumeIn(scene, params.required("VolumeId"));
  const size = params.number("Size") ?? volume.sizeGiB;
  if (size < volume.sizeGiB) {
    const message = `New size cannot be smaller than existing size`;
    throw new Refusal("InvalidParameterValue", message);
  }
  assertRoom(scene, volume.zone, { BLOCK_STORAGE_GIB: size - volume.sizeGiB });
  scene.put("volume", volume.id, { ...volume, sizeGiB: size });
  return {
    volumeModification: {
      volumeId: volume.id,
      modificationState: "optimizing",
      originalSize: volume.sizeGiB,
      targetSize: size,
      progress: 0,
      startTime: new Date(scene.now).toISOString(),
    },
  };
}

export function deleteVolume(scene: Scene, params: Params): XmlFields {
  const volume = volumeIn(scene, params.required("VolumeId"));
  if (volume.instanceId !== null) {
    const message = `Volume ${volume.id} is currently attached to ${volume.instanceId}`;
    throw new Refusal("VolumeInUse", message);
  }
  scene.put("volume", volume.id, null);
  return { return: true };
}

function volumeIn(scene: Scene, id: string): VolumeRecord {
  const volume = scene.tables.volume.get(id);
  if (volume === undefined) throw missing("Volume", id);
  return volume;
}

function statusOf(volume: VolumeRecord): string {
  return volume.instanceId === null ? "available" : "in-use";
}

function volumeView(volume: VolumeRecord): Xml {
  const createTime = new Date(volume.createdAt).toISOString();
  return {
    volumeId: volume.id,
    size: volume.sizeGiB,
    availabilityZone: volume.zone,
    status: statusOf(volume),
    createTime,
    encrypted: false,
    volumeType: "gp2",
    attachmentSet:
      volume.instanceId === null
        ? []
        : [
            {
              volumeId: volume.id,
              instanceId: volume.instanceId,
              device: volume.device,
              status: "attached",
              attachTime: createTime,
              deleteOnTermination: volume.deleteOnTermination,
            },
          ],
    tagSet: tagSet(volume.tags),
  };
}
