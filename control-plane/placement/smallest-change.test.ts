import { describe, expect, it } from "vitest";
import { place } from "./place.ts";
import { DEFAULT_PREFERENCES } from "./preferences.ts";
import {
  inventoriesOf,
  limitsOf,
  permissive,
  type RequestInput,
  requestOf,
  snapshotOf,
  strict,
  type WorldInput,
} from "./snapshot.fixture.ts";

function changeFor(world: Partial<WorldInput>, request: RequestInput, judge = permissive) {
  const snapshot = snapshotOf({ clouds: [{ id: "gz" }], pools: [], ...world });
  return place(snapshot, requestOf(request), judge, DEFAULT_PREFERENCES).smallestChange;
}

const small = inventoriesOf({ VCPU: { total: 52, reserved: 0 } });

describe("smallestChange", () => {
  it("offers fewer units or another zone", () => {
    const pools = [
      { id: "ded", cloud: "gz", zone: "dedicated", inventories: small },
      { id: "ext", cloud: "gz" },
    ] as const;
    expect(changeFor({ pools }, { zones: ["dedicated"], resources: { VCPU: 64 } })).toEqual({
      options: [
        { changes: [{ kind: "amount", dimension: "VCPU", from: 64, to: 52 }] },
        { changes: [{ kind: "zone", from: "dedicated", to: "extranet" }] },
      ],
      message: {
        zh: "减少 12 VCPU，或由专用网络区改为政务外网区",
        en: "12 VCPU fewer, or zone extranet instead of dedicated",
      },
    });
  });

  it("offers the internet zone for what faces the internet, and not for the whole system", () => {
    const pools = [
      { id: "ext", cloud: "gz", inventories: inventoriesOf({ PUBLIC_IPV4: { total: 0, reserved: 0 } }) },
      { id: "net", cloud: "gz", zone: "internet" },
    ] as const;
    expect(changeFor({ pools }, { resources: { VCPU: 4, PUBLIC_IPV4: 2 } })).toEqual({
      options: [{ changes: [{ kind: "added_zone", to: "internet" }] }],
      message: { zh: "增加互联网区", en: "zone internet as well" },
    });
  });

  it("takes the pool that asks for least, and the lower of capacity and quota, in step", () => {
    const pools = [
      { id: "small", cloud: "gz", inventories: small },
      {
        id: "large",
        cloud: "gz",
        inventories: inventoriesOf({ VCPU: { total: 70, reserved: 0, stepSize: 8 } }),
      },
    ];
    const limits = { "gz/dept": limitsOf({ nominal: 63, borrowingLimit: 0 }) };
    const change = changeFor({ pools, limits }, { resources: { VCPU: 80 } });
    expect(change?.message.en).toBe("24 VCPU fewer");
  });

  it("goes up where nothing below is in step, and never down to nothing or under the instances", () => {
    const atLeast = (minUnit: number) => [
      { id: "p", cloud: "gz", inventories: inventoriesOf({ VCPU: { minUnit } }) },
    ];
    expect(changeFor({ pools: atLeast(16) }, { resources: { VCPU: 10 } })?.message.en).toBe("6 VCPU more");
    const none = [{ id: "p", cloud: "gz", inventories: inventoriesOf({ VCPU: { total: 0, reserved: 0 } }) }];
    expect(changeFor({ pools: none }, { resources: { VCPU: 10, MEMORY_GIB: 1 } })).toBeNull();
    const instances = [{ name: "app", count: 7, vcpu: 8, memoryGiB: 1, diskGiB: 0, image: "" }];
    const pools = [{ id: "p", cloud: "gz", inventories: small }];
    expect(changeFor({ pools }, { resources: { VCPU: 64, MEMORY_GIB: 8 }, instances })).toBeNull();
  });

  it("shares what is left at the province between the system and its copy", () => {
    const world = {
      clouds: [{ id: "gz" }, { id: "sz", jurisdiction: "440300" }],
      pools: [
        { id: "gz-1", cloud: "gz" },
        { id: "sz-1", cloud: "sz" },
      ],
      limits: { province: limitsOf({ nominal: 101 }) },
    };
    const recovery = { class: "remote", pairJurisdiction: "440300" } as const;
    const change = changeFor(world, { resources: { BLOCK_STORAGE_GIB: 60 }, recovery });
    expect(change?.message.en).toBe("10 BLOCK_STORAGE_GIB fewer");
  });

  it("offers another architecture or another cloud", () => {
    const world = {
      clouds: [{ id: "gz" }, { id: "prov", tier: "provincial" }] as const,
      pools: [
        { id: "gz-1", cloud: "gz", architecture: "hygon" },
        { id: "prov-1", cloud: "prov" },
      ],
    };
    const requirements = { architectures: ["kunpeng"], cloudIds: ["gz"] };
    expect(changeFor(world, { requirements })?.message.en).toBe(
      "architecture hygon instead of kunpeng, or cloud prov instead of gz",
    );
  });

  it("proposes nothing that the policies would refuse", () => {
    const pools = [
      { id: "p", cloud: "gz", inventories: inventoriesOf({ VCPU: { total: 52, reserved: 1 } }) },
      { id: "q", cloud: "gz", zone: "internet", inventories: small },
    ] as const;
    // 51 fit, but above 40 the rule wants a reserve of 20 %.
    expect(changeFor({ pools }, { resources: { VCPU: 64 } }, strict)).toBeNull();
    expect(changeFor({ pools }, { resources: { VCPU: 64 } })?.message.en).toBe("13 VCPU fewer");
  });
});
