import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { RESOURCE_CLASSES } from "../kernel/quantity.ts";
import { countsOf, type Province } from "./province.ts";
import { readProvince } from "./read.ts";

const directory = fileURLToPath(new URL("../../deploy/provinces/guangdong", import.meta.url));

let province: Province;
beforeAll(async () => {
  province = await readProvince(directory);
});

describe("the Guangdong province", () => {
  it("has the promised size", () => {
    const counts = countsOf(province);
    expect(counts).toMatchObject({
      provincialClouds: 1,
      municipalClouds: 21,
      jurisdictions: 22,
      zones: counts.clouds * 3,
    });
    expect(counts.industryClouds).toBeGreaterThanOrEqual(12);
    expect(counts.pools).toBeGreaterThanOrEqual(190);
    expect(counts.pools).toBeLessThanOrEqual(210);
    expect(counts.organizations).toBeGreaterThanOrEqual(300);
    expect(counts.systems).toBeGreaterThanOrEqual(40);
  });

  it("gives every city a cloud and every cloud a zone of each kind", () => {
    const cities = province.jurisdictions.filter((j) => j.spec.level === "city").map((j) => j.metadata.id);
    const served = province.clouds.filter((c) => c.spec.tier === "municipal").map((c) => c.spec.jurisdiction);
    expect(served.toSorted()).toEqual(cities.toSorted());
    for (const cloud of province.clouds) {
      expect(cloud.spec.zones.map((zone) => zone.kind).toSorted()).toEqual([
        "dedicated",
        "extranet",
        "internet",
      ]);
    }
  });

  it("uses every resource class and both operating models", () => {
    const used = new Set(province.pools.flatMap((pool) => Object.keys(pool.spec.inventories)));
    expect(used).toEqual(new Set(RESOURCE_CLASSES));
    expect(new Set(province.clouds.map((cloud) => cloud.spec.operatingModel))).toEqual(
      new Set(["integrated", "separated"]),
    );
  });

  it("reserves at least a fifth of every inventory, as rule P11 asks", () => {
    const short = province.pools.flatMap((pool) =>
      Object.values(pool.spec.inventories)
        .filter((row) => row.reserved * 5 < row.total)
        .map(() => pool.metadata.id),
    );
    expect(short).toEqual([]);
  });

  it("lets an industry cloud serve at least one department of its sector", () => {
    const sectors = new Set(
      province.organizations.filter((o) => o.spec.level === "province").map((o) => o.spec.sector),
    );
    const unserved = province.clouds.filter((c) => c.spec.sector !== null && !sectors.has(c.spec.sector));
    expect(unserved).toEqual([]);
  });

  it("gives every tenant organization a quota in a cloud of its own reach, by itself or by inheritance", () => {
    const nodes = new Set<string>(province.quotaNodes.map((node) => node.metadata.id));
    const parents = new Map<string, string | null>(
      province.organizations.map((o) => [o.metadata.id, o.spec.parent]),
    );
    const inherits = (cloud: string, organization: string): boolean => {
      let at: string | null = organization;
      while (at !== null && !nodes.has(`gd.${cloud}.${at}`)) at = parents.get(at) ?? null;
      return at !== null;
    };
    const tenants = province.organizations.filter(
      (o) => o.metadata.id.startsWith("gd-") && o.spec.parent !== null,
    );
    const without = tenants.filter(({ metadata: { id }, spec }) => {
      const own = province.clouds.find(
        (c) => c.spec.tier === "municipal" && c.spec.jurisdiction === spec.jurisdiction,
      );
      return !inherits("gd-provincial", id) || (own !== undefined && !inherits(own.metadata.id, id));
    });
    expect(without).toEqual([]);
  });
});
