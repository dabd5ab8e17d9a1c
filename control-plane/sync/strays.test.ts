import { expect, it } from "vitest";
import type { ObservedTenancy } from "../../providers/port.ts";
import { straysIn } from "./strays.ts";

function shown(name: string, installation: string | null): ObservedTenancy {
  const ownership = {
    installation: installation ?? "",
    tenancyId: "t",
    placementId: "p",
    organizationId: "o",
  };
  return {
    ref: `ref-${name}`,
    name,
    ownership: installation === null ? null : ownership,
    state: "active",
    displayName: name,
    pool: "p-1",
    zone: null,
    quota: { VCPU: 4 },
    accessGroup: null,
    isolated: true,
    message: null,
  };
}

it("tells what nobody has recorded from what is known or somebody else's", () => {
  const found = straysIn(
    [
      shown("known", "gd"),
      shown("left-behind", "gd"),
      shown("theirs", "other"),
      shown("by-hand", null),
    ].concat(shown("taken-in", null)),
    new Set(["known", "taken-in"]),
    "gd",
  );
  expect(found.map(({ kind, subject }) => [kind, subject])).toEqual([
    ["orphan", "left-behind"],
    ["unmanaged", "by-hand"],
  ]);
  expect(found[1]?.details).toMatchObject({ tenancyId: null, quota: { VCPU: 4 } });
});
