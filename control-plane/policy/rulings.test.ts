import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_FACTS } from "./default-facts.ts";
import type { PlacementFacts } from "./facts.ts";
import { loadPolicies } from "./load.ts";
import { plainJudgeOf } from "./plain-judge.fixture.ts";
import { judgeOf } from "./rulings.ts";

const set = await loadPolicies([fileURLToPath(new URL("../../policies", import.meta.url))]);

/** Few values for what rules read, so that places come again, and the fit of one with the pool of another. */
const requests = fc.record({
  kind: fc.constantFrom("create", "resize", "renew", "release"),
  environment: fc.constantFrom("production", "test"),
  mlpsLevel: fc.integer({ min: 1, max: 4 }),
  dataClass: fc.constantFrom("general", "important"),
  zones: fc.constantFrom<string[][]>(["extranet"], ["internet"], ["extranet", "internet"]),
  xinchuang: fc.boolean(),
  addresses: fc.constantFrom(0, 2),
  image: fc.constantFrom("kylin-v10", "mysql-8"),
  recovery: fc.constantFrom("none", "remote"),
});
const pools = fc.record({
  id: fc.constantFrom("p1", "p2", "p3"),
  zone: fc.constantFrom("internet", "extranet", "dedicated"),
  architecture: fc.constantFrom("kunpeng", "intel"),
  xinchuang: fc.boolean(),
  mlpsLevel: fc.integer({ min: 1, max: 3 }),
  dedicated: fc.boolean(),
  tenantIsolation: fc.boolean(),
  encryption: fc.boolean(),
  faultDomains: fc.integer({ min: 1, max: 2 }),
  reservePercent: fc.constantFrom(10, 20, 30),
});
const clouds = fc.record({
  jurisdiction: fc.constantFrom("440100", "440300", "110000"),
  country: fc.constantFrom("CN", "SG"),
  mlpsLevel: fc.integer({ min: 2, max: 3 }),
  securityAssessmentValidUntil: fc.constantFrom("", "2028-06-30"),
});
const recoveries = fc.record({
  cloudId: fc.constantFrom("", "gd-shenzhen"),
  jurisdiction: fc.constantFrom("440100", "440300", "110000"),
  country: fc.constantFrom("CN", "SG"),
  distanceKm: fc.constantFrom(50, 500),
  mlpsLevel: fc.integer({ min: 2, max: 3 }),
});
const fits = fc.record({ capacity: fc.boolean(), quota: fc.boolean() });
const roles = fc.record({ role: fc.constantFrom("primary", "edge", "recovery") });

const someOf = <Value>(values: fc.Arbitrary<Value>) => fc.array(values, { minLength: 1, maxLength: 3 });
const scenes = fc.record({
  requests: someOf(requests),
  pools: someOf(pools),
  clouds: someOf(clouds),
  recoveries: someOf(recoveries),
  fits: someOf(fits),
  roles: someOf(roles),
});
type Scene = typeof scenes extends fc.Arbitrary<infer Value> ? Value : never;

/** Every combination; a section that comes again is the same object, as placement promises. */
function placesIn(scene: Scene): PlacementFacts[] {
  const requestsIn = scene.requests.map(
    ({ kind, environment, mlpsLevel, dataClass, zones, xinchuang, addresses, image, recovery }) => ({
      ...DEFAULT_FACTS.request,
      kind,
      environment,
      system: { ...DEFAULT_FACTS.request.system, mlpsLevel, dataClass },
      network: { ...DEFAULT_FACTS.request.network, zones },
      requirements: { ...DEFAULT_FACTS.request.requirements, xinchuang },
      resources: { ...DEFAULT_FACTS.request.resources, PUBLIC_IPV4: addresses },
      instances: [{ name: "a", count: 2, vcpu: 1, memoryGiB: 1, diskGiB: 1, image }],
      recovery: { ...DEFAULT_FACTS.request.recovery, class: recovery },
    }),
  );
  const poolsIn = scene.pools.map((pool) => ({ ...DEFAULT_FACTS.pool, ...pool }));
  const cloudsIn = scene.clouds.map((cloud) => ({ ...DEFAULT_FACTS.cloud, ...cloud }));
  const recoveriesIn = scene.recoveries.map((recovery) => ({ ...DEFAULT_FACTS.recovery, ...recovery }));
  return requestsIn.flatMap((request) =>
    cloudsIn.flatMap((cloud) =>
      recoveriesIn.flatMap((recovery) =>
        scene.roles.flatMap((part) =>
          scene.fits.flatMap((fit) =>
            poolsIn.map((pool) => ({ ...DEFAULT_FACTS, request, cloud, recovery, part, fit, pool })),
          ),
        ),
      ),
    ),
  );
}

describe("a judge that remembers", () => {
  const remembering = judgeOf(set);
  const plain = plainJudgeOf(set);

  it("says of every place what asking every rule says", () => {
    const told = new Set<string>();
    fc.assert(
      fc.property(scenes, (scene) => {
        for (const facts of placesIn(scene)) {
          const ruling = remembering(facts);
          expect(ruling).toEqual(plain(facts));
          for (const { ruleId } of ruling.violations) told.add(ruleId);
        }
      }),
      { numRuns: 40 },
    );
    // Most rules were broken by some place and kept by another one.
    expect(told.size).toBeGreaterThan(9);
  });

  it("asks again on another day", () => {
    const later = { ...DEFAULT_FACTS, today: "2030-01-01" };
    expect(remembering(DEFAULT_FACTS).denied).toEqual([]);
    expect(remembering(later).denied.map(({ policyId }) => policyId)).toContain("cloud-assessments");
    expect(remembering(DEFAULT_FACTS).denied).toEqual([]);
  });
});
