import type { Params } from "./params.ts";
import { rangeOf } from "./ranges.ts";
import type { RuleRecord } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { ACCOUNT, type Scene } from "./scene.ts";
import type { Xml } from "./xml.ts";

/** Rules of a request, one for each source. */
export function rulesIn(scene: Scene, params: Params): RuleRecord[] {
  const rules = params.parts("IpPermissions").flatMap((part) => {
    const protocol = part.required("IpProtocol");
    // Every protocol means every port.
    const [from, to] = protocol === "-1" ? [null, null] : [part.number("FromPort"), part.number("ToPort")];
    const rule = (kind: RuleRecord["kind"], source: string): RuleRecord => ({
      protocol,
      from: from ?? null,
      to: to ?? null,
      kind,
      source,
    });
    return [
      ...part.parts("IpRanges").map((range) => {
        const cidr = range.required("CidrIp");
        rangeOf(cidr);
        return rule("ipv4", cidr);
      }),
      ...part.parts("Ipv6Ranges").map((range) => rule("ipv6", range.required("CidrIpv6"))),
      ...part.parts("PrefixListIds").map((list) => rule("prefix-list", list.required("PrefixListId"))),
      ...part.parts("Groups").map((pair) => {
        const id = pair.required("GroupId");
        if (!scene.tables.group.has(id)) {
          throw new Refusal("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
        }
        return rule("group", id);
      }),
    ];
  });
  if (rules.length > 0) return rules;
  throw new Refusal(
    "MissingParameter",
    "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided.",
  );
}

export function sameRule(left: RuleRecord, right: RuleRecord): boolean {
  return (
    left.protocol === right.protocol &&
    left.from === right.from &&
    left.to === right.to &&
    left.kind === right.kind &&
    left.source === right.source
  );
}

/** Sources of the same ports stand together, as the API shows them. */
export function rulesView(scene: Scene, rules: readonly RuleRecord[]): Xml {
  const ports = new Map<string, RuleRecord[]>();
  for (const rule of rules) {
    const key = JSON.stringify([rule.protocol, rule.from, rule.to]);
    ports.set(key, [...(ports.get(key) ?? []), rule]);
  }
  return [...ports.values()].map((of) => {
    const sources = (kind: RuleRecord["kind"], view: (source: string) => Xml) =>
      of.filter((rule) => rule.kind === kind).map((rule) => view(rule.source));
    return {
      ipProtocol: of[0]?.protocol,
      fromPort: of[0]?.from ?? undefined,
      toPort: of[0]?.to ?? undefined,
      groups: sources("group", (groupId) => ({
        userId: ACCOUNT,
        groupId,
        vpcId: scene.tables.group.get(groupId)?.vpcId,
      })),
      ipRanges: sources("ipv4", (cidrIp) => ({ cidrIp })),
      ipv6Ranges: sources("ipv6", (cidrIpv6) => ({ cidrIpv6 })),
      prefixListIds: sources("prefix-list", (prefixListId) => ({ prefixListId })),
    };
  });
}
