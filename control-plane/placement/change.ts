import type { CloudId } from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";
import type { Text } from "../kernel/text.ts";
import type { RequestFacts } from "../policy/facts.ts";
import { ZONE_NAMES } from "./labels.ts";
import type { Zone } from "./snapshot.ts";

export interface AmountChange {
  readonly kind: "amount";
  readonly dimension: ResourceClass;
  readonly from: number;
  /** Above `from` only where no smaller amount is in step. */
  readonly to: number;
}

/** One thing that could be asked for differently. */
export type Change =
  | AmountChange
  | { readonly kind: "zone"; readonly from: Zone; readonly to: Zone }
  | { readonly kind: "added_zone"; readonly to: Zone }
  | { readonly kind: "architecture"; readonly from: readonly string[]; readonly to: string }
  | { readonly kind: "cloud"; readonly from: readonly string[]; readonly to: CloudId };

/** Changes that together make the request fit. */
export interface ChangeOption {
  readonly changes: readonly Change[];
}

function changed(request: RequestFacts, change: Change): RequestFacts {
  const { network, requirements, resources } = request;
  switch (change.kind) {
    case "amount":
      return { ...request, resources: { ...resources, [change.dimension]: change.to } };
    case "zone": {
      const zones = network.zones.map((zone) => (zone === change.from ? change.to : zone));
      return { ...request, network: { ...network, zones } };
    }
    case "added_zone":
      return { ...request, network: { ...network, zones: [...network.zones, change.to] } };
    case "architecture":
      return { ...request, requirements: { ...requirements, architectures: [change.to] } };
    case "cloud":
      return { ...request, requirements: { ...requirements, cloudIds: [change.to] } };
  }
}

/** The request as it would be after the changes. */
export function applyOption(request: RequestFacts, option: ChangeOption): RequestFacts {
  return option.changes.reduce(changed, request);
}

function describe(change: Change): Text {
  switch (change.kind) {
    case "amount": {
      const { dimension, from, to } = change;
      return to < from
        ? { zh: `减少 ${from - to} ${dimension}`, en: `${from - to} ${dimension} fewer` }
        : { zh: `增加 ${to - from} ${dimension}`, en: `${to - from} ${dimension} more` };
    }
    case "zone": {
      const [from, to] = [ZONE_NAMES[change.from], ZONE_NAMES[change.to]];
      return { zh: `由${from.zh}改为${to.zh}`, en: `zone ${to.en} instead of ${from.en}` };
    }
    case "added_zone": {
      const { zh, en } = ZONE_NAMES[change.to];
      return { zh: `增加${zh}`, en: `zone ${en} as well` };
    }
    case "architecture":
      return {
        zh: `架构由 ${change.from.join("、")} 改为 ${change.to}`,
        en: `architecture ${change.to} instead of ${change.from.join(" or ")}`,
      };
    case "cloud":
      return {
        zh: `由 ${change.from.join("、")} 改到 ${change.to}`,
        en: `cloud ${change.to} instead of ${change.from.join(" or ")}`,
      };
  }
}

/** One sentence such as "12 VCPU fewer, or zone extranet instead of dedicated". */
export function describeOptions(options: readonly ChangeOption[]): Text {
  const texts = options.map(({ changes }) => changes.map(describe));
  return {
    zh: texts.map((parts) => parts.map(({ zh }) => zh).join("并")).join("，或"),
    en: texts.map((parts) => parts.map(({ en }) => en).join(" and ")).join(", or "),
  };
}
