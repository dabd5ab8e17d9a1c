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

const CLOUDS = [
  { id: "gz" },
  { id: "prov", tier: "provincial", jurisdiction: "440000" },
  { id: "health", tier: "industry", jurisdiction: "440000", sector: "health" },
  { id: "sz", jurisdiction: "440300" },
  { id: "water", tier: "industry", jurisdiction: "440000", sector: "water" },
] as const;
const POOLS = CLOUDS.map(({ id }) => ({ id: `${id}-1`, cloud: id }));

function decide(world: Partial<WorldInput>, request: RequestInput = {}, judge = permissive) {
  const snapshot = snapshotOf({ clouds: CLOUDS, pools: POOLS, ...world });
  return place(snapshot, requestOf(request), judge, DEFAULT_PREFERENCES);
}
const codes = (result: ReturnType<typeof decide>) =>
  result.refusals.map(({ cloudId, poolId, code }) => `${poolId ?? cloudId} ${code}`);

describe("which clouds", () => {
  it("prefers the own city's cloud, then the provincial, then the sector's, and refuses all others", () => {
    const result = decide({});
    expect(result.candidates.map(({ cloudId }) => cloudId)).toEqual(["gz", "prov", "health"]);
    expect(codes(result)).toEqual(["sz cloud.not_eligible", "water cloud.not_eligible"]);
    expect(result.smallestChange).toBeNull();
  });

  it("places a county's bureau on its city's cloud and a provincial department on none of a city", () => {
    const county = decide({ organization: { jurisdiction: "440305" } });
    expect(county.candidates[0]?.cloudId).toBe("sz");
    const provincial = decide({ organization: { jurisdiction: "440000", sector: "" } });
    expect(provincial.candidates.map(({ cloudId }) => cloudId)).toEqual(["prov"]);
  });

  it("keeps to the clouds asked for", () => {
    const result = decide({}, { requirements: { cloudIds: ["prov", "sz"] } });
    expect(result.candidates.map(({ cloudId }) => cloudId)).toEqual(["prov"]);
    expect(codes(result)).toContain("gz cloud.not_requested");
  });

  it("tells suspension and silence apart from a shortage", () => {
    const result = decide({
      clouds: [
        { id: "gz", status: "suspended" },
        { id: "prov", tier: "provincial", stale: true },
      ],
      pools: [
        { id: "gz-1", cloud: "gz" },
        { id: "prov-1", cloud: "prov" },
      ],
    });
    expect(codes(result)).toEqual(["gz cloud.suspended", "prov cloud.stale"]);
  });

  it("places nothing on a picture that is too old, and says how old it is", () => {
    const outdated = { ageMinutes: 75, limitMinutes: 60 };
    const result = decide({ clouds: [{ id: "gz", outdated }], pools: [{ id: "gz-1", cloud: "gz" }] });
    expect(result.refusals).toMatchObject([
      { code: "cloud.outdated", cloudId: "gz", poolId: null, actual: 75, required: 60 },
    ]);
  });

  it("asks of a cloud only what it can do, and names what it cannot", () => {
    const instances = [{ name: "app", count: 1, vcpu: 2, memoryGiB: 4, diskGiB: 20, image: "kylin" }];
    const world = {
      clouds: [{ id: "gz", supports: { instances: false, resize: false } }],
      pools: [{ id: "gz-1", cloud: "gz" }],
    };
    expect(decide(world, { instances }).refusals).toMatchObject([
      { code: "cloud.unsupported", cloudId: "gz", role: "primary", required: "instances" },
    ]);
    expect(decide(world).candidates).toHaveLength(1);
  });
});

describe("reasons", () => {
  const one = (pool: Partial<WorldInput["pools"][number]>, world: Partial<WorldInput> = {}) => ({
    clouds: [{ id: "gz" }],
    pools: [{ id: "p", cloud: "gz", ...pool }],
    ...world,
  });

  it("reports every one of a pool, not the first", () => {
    const world = one({
      architecture: "intel",
      traits: ["hdd"],
      status: "suspended",
      inventories: inventoriesOf({ VCPU: { used: 780, held: 10 }, GPU: { stepSize: 4, minUnit: 4 } }),
    });
    const result = decide(world, {
      resources: { VCPU: 16, GPU: 3 },
      requirements: { xinchuang: true, architectures: ["kunpeng"], forbiddenTraits: ["hdd", "intel"] },
    });
    expect(codes(result)).toEqual([
      "p architecture.mismatch",
      "p architecture.not_xinchuang",
      "p capacity.insufficient",
      "p pool.suspended",
      "p trait.forbidden",
      "p unit.below_min",
      "p unit.out_of_step",
    ]);
    expect(result.refusals.find(({ code }) => code === "capacity.insufficient")).toMatchObject({
      dimension: "VCPU",
      limit: 800,
      used: 780,
      held: 10,
      missing: 6,
    });
    expect(result.refusals.find(({ code }) => code === "unit.below_min")).toMatchObject({ required: [4] });
    expect(result.refusals.find(({ code }) => code === "trait.forbidden")?.actual).toEqual(["hdd", "intel"]);
  });

  it("names the nearest amounts that a pool can give", () => {
    const stepped = one({ inventories: inventoriesOf({ VCPU: { stepSize: 8, maxUnit: 60 } }) });
    const result = decide(stepped, { resources: { VCPU: 20 } });
    expect(result.refusals[0]).toMatchObject({ code: "unit.out_of_step", required: [16, 24] });
    expect(result.refusals[0]?.message.en).toContain("nearest is 16 or 24");
    const beyond = decide(stepped, { resources: { VCPU: 64 } });
    expect(beyond.refusals[0]).toMatchObject({ code: "unit.above_max", missing: 4, required: [56] });
  });

  it("names level, node and figures of a quota that does not suffice", () => {
    const limits = { "gz/dept": limitsOf({ nominal: 10, borrowingLimit: 2 }) };
    const result = decide(one({}, { limits }), { resources: { VCPU: 16 } });
    expect(result.refusals).toEqual([
      expect.objectContaining({
        cloudId: "gz",
        poolId: null,
        code: "quota.exceeded",
        level: "department",
        nodeId: "gz/dept",
        dimension: "VCPU",
        limit: 12,
        used: 0,
        held: 0,
        missing: 4,
      }),
    ]);
    expect(codes(decide(one({}, { withoutQuota: ["gz"] })))).toEqual(["gz quota.no_node"]);
  });

  it("says once for a cloud what holds for all its pools", () => {
    const world = {
      clouds: [{ id: "gz", mlpsLevel: 1 }],
      pools: ["a", "b"].map((id) => ({ id, cloud: "gz" })),
    };
    const denied = decide(world, {}, strict);
    expect(codes(denied)).toEqual(["gz policy.denied"]);
    expect(denied.refusals[0]).toMatchObject({ ruleId: "P1", actual: 1, required: 2 });
    expect(codes(decide(world, { zones: ["dedicated"] }))).toEqual(["gz zone.unavailable"]);
    const lone = decide({ clouds: world.clouds, pools: [{ id: "a", cloud: "gz" }] }, {}, strict);
    expect(codes(lone)).toEqual(["a policy.denied"]);
  });

  it("tells the judge whether capacity and quota fit, and the reserve over the asked classes", () => {
    const world = one({ inventories: inventoriesOf({ VCPU: { total: 10, reserved: 1 } }) });
    const result = decide(world, { resources: { VCPU: 50 } }, strict);
    const rules = result.refusals.map(({ ruleId }) => ruleId).filter((rule) => rule !== null);
    expect(rules).toEqual(["P11", "P11-fit"]);
  });
});

describe("parts", () => {
  const resources = { VCPU: 8, BLOCK_STORAGE_GIB: 100, PUBLIC_IPV4: 2, BANDWIDTH_MBPS: 50 };
  const gz = [
    { id: "ext", cloud: "gz" },
    { id: "net", cloud: "gz", zone: "internet", architecture: "intel" },
  ] as const;

  it("puts public addresses at the edge and everything else in the innermost zone", () => {
    const result = decide({ pools: gz }, { zones: ["internet", "extranet"], resources });
    expect(result.candidates.map(({ parts }) => parts)).toEqual([
      [
        {
          role: "primary",
          cloudId: "gz",
          poolId: "ext",
          quotaNodeId: "gz/dept",
          amounts: { VCPU: 8, BLOCK_STORAGE_GIB: 100 },
          verdict: { denied: [] },
        },
        expect.objectContaining({
          role: "edge",
          poolId: "net",
          amounts: { PUBLIC_IPV4: 2, BANDWIDTH_MBPS: 50 },
        }),
      ],
    ]);
    const single = decide({ pools: gz }, { zones: ["internet"], resources });
    expect(single.candidates[0]?.parts).toMatchObject([
      { role: "primary", poolId: "net", amounts: resources },
    ]);
  });

  it("refuses the primary where its cloud has no edge", () => {
    const result = decide({ pools: [gz[0]] }, { zones: ["internet", "extranet"], resources });
    const ofGz = result.refusals.filter(({ cloudId }) => cloudId === "gz");
    expect(ofGz.map(({ role, code }) => `${role} ${code}`)).toEqual([
      "edge edge.unplaceable",
      "edge zone.unavailable",
    ]);
  });

  it("keeps a remote copy of the storage in the pair jurisdiction, whatever clouds were asked for", () => {
    const pools = [
      { id: "gz-1", cloud: "gz" },
      { id: "sz-1", cloud: "sz" },
    ];
    const recovery = { class: "remote", pairJurisdiction: "440300" } as const;
    const result = decide({ pools }, { resources, recovery, requirements: { cloudIds: ["gz"] } }, strict);
    expect(result.candidates[0]?.parts).toMatchObject([
      { role: "primary", poolId: "gz-1" },
      {
        role: "recovery",
        cloudId: "sz",
        poolId: "sz-1",
        quotaNodeId: "sz/dept",
        amounts: { BLOCK_STORAGE_GIB: 100 },
      },
    ]);
    expect(result.candidates[0]?.recovery).toMatchObject({ jurisdiction: "440300", distanceKm: 104 });
    const nowhere = decide({ pools }, { resources, recovery: { ...recovery, pairJurisdiction: "440800" } });
    expect(codes(nowhere)).toContain("gz recovery.unplaceable");
    const anywhere = decide(
      { pools },
      { resources, recovery: { ...recovery, pairJurisdiction: "" } },
      strict,
    );
    expect(anywhere.candidates[0]?.parts.map(({ poolId }) => poolId)).toEqual(["gz-1", "sz-1"]);
  });

  it("says what stands against the primary also where its copy is refused first", () => {
    const recovery = { class: "remote", pairJurisdiction: "440300" } as const;
    const denial = {
      policyId: "never",
      ruleId: "N1",
      message: { zh: "不", en: "no" },
      actual: 1,
      required: 2,
    };
    const result = decide({}, { resources, recovery }, () => ({ denied: [denial] }));
    const denied = result.refusals.filter(({ ruleId }) => ruleId === "N1");
    expect(denied.map(({ poolId, role }) => `${poolId} ${role}`)).toEqual(
      expect.arrayContaining(["gz-1 primary", "prov-1 primary", "sz-1 recovery"]),
    );
  });

  it("prefers, of equal places, the one that policies hold less against", () => {
    const pools = ["a", "b"].map((id) => ({ id, cloud: "gz" }));
    const result = decide({ pools }, { resources }, ({ pool }) => ({
      denied: [],
      concerns: pool.id === "a" ? 1 : 0,
    }));
    expect(result.candidates.map(({ parts }) => parts[0]?.poolId)).toEqual(["b", "a"]);
  });

  it("keeps a same-city copy in another known fault domain of the cloud", () => {
    const request = { resources, recovery: { class: "same_city" } } as const;
    const sites = (left: string, right: string) => ({
      clouds: [{ id: "gz" }],
      pools: [
        { id: "a", cloud: "gz", faultDomain: left },
        { id: "b", cloud: "gz", faultDomain: right },
      ],
    });
    const apart = decide(sites("east", "west"), request);
    expect(apart.candidates.map(({ parts }) => parts.map(({ poolId }) => poolId))).toEqual([
      ["a", "b"],
      ["b", "a"],
    ]);
    expect(codes(decide(sites("east", "east"), request))).toEqual(["gz recovery.unplaceable"]);
    expect(decide(sites("", ""), request).candidates).toEqual([]);
  });

  it("counts parts on one chain together, and parts of two clouds together at the province", () => {
    const request = { resources: { BLOCK_STORAGE_GIB: 60 }, recovery: { class: "same_city" } } as const;
    const pools = ["east", "west"].map((site) => ({ id: site, cloud: "gz", faultDomain: site }));
    const world = (nominal: number) => ({
      clouds: [{ id: "gz" }],
      pools,
      limits: { province: limitsOf({ nominal }) },
    });
    expect(decide(world(120), request).candidates).toHaveLength(2);
    const short = decide(world(119), request);
    expect(short.refusals).toMatchObject([
      { code: "quota.exceeded", role: "recovery", missing: 1 },
      { code: "recovery.unplaceable" },
    ]);
    const remote = { ...request, recovery: { class: "remote", pairJurisdiction: "440300" } } as const;
    const two = (nominal: number) => ({
      clouds: [{ id: "gz" }, { id: "sz", jurisdiction: "440300" }],
      pools: [
        { id: "gz-1", cloud: "gz" },
        { id: "sz-1", cloud: "sz" },
      ],
      limits: { province: limitsOf({ nominal }) },
    });
    expect(decide(two(120), remote).candidates).toHaveLength(1);
    expect(decide(two(119), remote).candidates).toEqual([]);
  });
});

describe("ranking", () => {
  const world = {
    clouds: [{ id: "gz" }],
    pools: [
      { id: "full", cloud: "gz", inventories: inventoriesOf({ VCPU: { used: 600 } }) },
      { id: "idle", cloud: "gz", architecture: "hygon" },
    ],
  };
  const order = (strategy: "spread" | "pack", architectures: string[] = []) => {
    const request = requestOf({ requirements: { architectures } });
    const preferences = {
      ...DEFAULT_PREFERENCES,
      strategy,
      ...(architectures.length > 0 && { weights: { locality: 0, strategy: 0, architecture: 1 } }),
    };
    const { candidates } = place(snapshotOf(world), request, permissive, preferences);
    return candidates.map(({ parts }) => parts[0]?.poolId);
  };

  it("spreads or packs by what the pool would carry", () => {
    expect(order("spread")).toEqual(["idle", "full"]);
    expect(order("pack")).toEqual(["full", "idle"]);
  });

  it("takes the order of the architectures as a preference and breaks ties by id", () => {
    expect(order("spread", ["hygon", "kunpeng"])).toEqual(["idle", "full"]);
    expect(order("spread", ["kunpeng", "hygon"])).toEqual(["full", "idle"]);
    expect(order("spread", ["hygon"])).toEqual(["idle"]);
  });

  it("shows the score by scorer", () => {
    const { candidates } = decide({});
    expect(candidates[0]).toMatchObject({
      scores: { locality: 100, strategy: 92, architecture: 100 },
      score: Math.floor((100 * 70 + 92 * 20 + 100 * 10) / 100),
    });
    expect(candidates.map(({ scores }) => scores.locality)).toEqual([100, 50, 0]);
  });
});
