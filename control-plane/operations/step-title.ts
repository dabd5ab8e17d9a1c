import type { Text } from "../kernel/text.ts";

const PARTS: Readonly<Record<string, Text>> = {
  primary: { zh: "主用部分", en: "primary part" },
  edge: { zh: "互联网区部分", en: "internet part" },
  recovery: { zh: "灾备部分", en: "recovery part" },
};

/** A step in words: `primary:instances:web` is the group `web` of machines in the primary part. */
export function stepTitle(name: string): Text {
  const [part = "", what, group = ""] = name.split(":");
  const of = PARTS[part];
  if (part === "renew") return { zh: "延长期限", en: "Extend the term" };
  if (of === undefined) return { zh: name, en: name };
  switch (what) {
    case "tenancy":
      return { zh: `${of.zh}：租户空间、配额与网络`, en: `Tenancy, quota and network, ${of.en}` };
    case "instances":
      return { zh: `${of.zh}：云主机组 ${group}`, en: `Instances of group ${group}, ${of.en}` };
    case "remove":
      return { zh: `${of.zh}：清除并取得数据清除凭证`, en: `Removal with wipe receipt, ${of.en}` };
    default:
      return { zh: name, en: name };
  }
}
