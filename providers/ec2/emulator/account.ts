import type { Params } from "./params.ts";
import type { Scene } from "./scene.ts";
import type { XmlFields } from "./xml.ts";

export function describeAccountAttributes(scene: Scene, params: Params): XmlFields {
  const names = params.texts("AttributeName");
  const attributes = { "max-instances": String(scene.cloud.instancesMax), "default-vpc": "none" };
  return {
    accountAttributeSet: Object.entries(attributes)
      .filter(([name]) => names.length === 0 || names.includes(name))
      .map(([attributeName, attributeValue]) => ({
        attributeName,
        attributeValueSet: [{ attributeValue }],
      })),
  };
}

export function describeZones(scene: Scene): XmlFields {
  return {
    availabilityZoneInfo: scene.cloud.zones.map(({ name }) => ({
      zoneName: name,
      zoneState: "available",
      zoneType: "availability-zone",
      regionName: scene.cloud.region,
      messageSet: [],
    })),
  };
}
