import type { Text } from "../kernel/text.ts";
import type { Zone } from "./snapshot.ts";

export const ZONE_NAMES: Readonly<Record<Zone, Text>> = {
  internet: { zh: "互联网区", en: "internet" },
  extranet: { zh: "政务外网区", en: "extranet" },
  dedicated: { zh: "专用网络区", en: "dedicated" },
};
