import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkDocuments } from "./check.ts";
import type { ProvinceDocument } from "./documents.ts";
import { formatPlan } from "./format-plan.ts";
import { parseProvince } from "./parse.ts";
import { planChanges, resultOf } from "./plan.ts";
import { smallProvince } from "./province.fixture.ts";
import { documentsOf, keyOf, type Province, provinceOf, referenceKey } from "./province.ts";
import { referencesOf } from "./references.ts";

const base = parseProvince(smallProvince());

function find<Entry extends ProvinceDocument>(entries: readonly Entry[], id: string): Entry {
  const found = entries.find((entry) => entry.metadata.id === id);
  if (found === undefined) throw new Error(`not in the fixture: ${id}`);
  return found;
}

interface Choice {
  readonly present: boolean;
  readonly above: number;
  readonly name: string;
}

/**
 * A valid tree of organizations, clouds among them and pools in the clouds. `order` decides who may stand
 * above whom, so that two provinces can turn each other's trees upside down.
 */
const arbitraryProvince: fc.Arbitrary<Province> = fc
  .record({
    order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
    choices: fc.array(
      fc.record({ present: fc.boolean(), above: fc.nat({ max: 5 }), name: fc.constantFrom("a", "b") }),
      { minLength: 6, maxLength: 6 },
    ),
    clouds: fc.subarray(["c0", "c1", "c2"]),
    pools: fc.array(
      fc.record({ id: fc.nat({ max: 5 }), cloud: fc.nat({ max: 2 }), total: fc.nat({ max: 3 }) }),
      {
        maxLength: 5,
      },
    ),
  })
  .map(({ order, choices, clouds, pools }) => treeOf(order, choices, clouds, pools));

function treeOf(
  order: readonly number[],
  choices: readonly Choice[],
  clouds: readonly string[],
  pools: readonly { id: number; cloud: number; total: number }[],
): Province {
  const documents: ProvinceDocument[] = [...base.jurisdictions, find(base.organizations, "csp-a")];
  const placed: string[] = [];
  for (const index of order) {
    const choice = choices[index];
    if (choice?.present !== true) continue;
    documents.push(
      copied(find(base.organizations, "gd"), `o${index}`, choice.name, {
        parent: placed[choice.above] ?? null,
      }),
    );
    placed.push(`o${index}`);
  }
  for (const cloud of clouds) {
    const zone = { id: `${cloud}-z`, kind: "extranet", name: { zh: cloud, en: cloud } };
    documents.push(
      copied(find(base.clouds, "main"), cloud, cloud, { tier: "industry", sector: "health", zones: [zone] }),
    );
  }
  for (const pool of new Map(pools.map((pool) => [pool.id, pool])).values()) {
    const cloud = clouds[pool.cloud];
    if (cloud === undefined) continue;
    const spec = { cloud, zone: `${cloud}-z`, faultDomains: pool.total + 1 };
    documents.push(copied(find(base.pools, "main-kunpeng"), `p${pool.id}`, "p", spec));
  }
  return provinceOf(documents);
}

/** A document of the same kind; the arbitrary above sees to it that ids and references are valid. */
function copied<Entry extends ProvinceDocument>(
  original: Entry,
  id: string,
  name: string,
  spec: Record<string, unknown>,
): Entry {
  return {
    ...original,
    metadata: { ...original.metadata, id, name: { zh: name, en: name } },
    spec: { ...original.spec, ...spec },
  } as Entry;
}

const sorted = (province: Province) =>
  documentsOf(province).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

function danglingIn(province: Province): string[] {
  const known = new Set(documentsOf(province).map(keyOf));
  return documentsOf(province)
    .flatMap(referencesOf)
    .map(({ kind, id }) => referenceKey(kind, id))
    .filter((key) => !known.has(key));
}

describe("planChanges", () => {
  it("has nothing to do when nothing differs, whatever the order of documents and list entries", () => {
    const province = base;
    const pool = find(province.pools, "main-kunpeng");
    const reordered = provinceOf(
      documentsOf({
        ...province,
        pools: [{ ...pool, spec: { ...pool.spec, traits: pool.spec.traits.toReversed() } }],
      }).toReversed(),
    );
    expect(planChanges(province, reordered, { prune: true })).toEqual([]);
  });

  it("turns any province into any other, one valid step after another", () => {
    fc.assert(
      fc.property(arbitraryProvince, arbitraryProvince, (current, desired) => {
        expect(checkDocuments(documentsOf(desired))).toEqual([]);
        const changes = planChanges(current, desired, { prune: true });
        let at = current;
        for (const change of changes) {
          at = resultOf(at, [change]);
          expect(danglingIn(at)).toEqual([]);
          expect(checkDocuments(documentsOf(at)).filter(({ reason }) => reason.en.includes("cycle"))).toEqual(
            [],
          );
        }
        expect(sorted(at)).toEqual(sorted(desired));
        expect(planChanges(at, desired, { prune: true })).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps what the desired province does not mention unless it prunes", () => {
    fc.assert(
      fc.property(arbitraryProvince, arbitraryProvince, (current, desired) => {
        const changes = planChanges(current, desired, { prune: false });
        const after = new Set(documentsOf(resultOf(current, changes)).map(keyOf));
        expect(changes.every((change) => change.action !== "delete")).toBe(true);
        expect(documentsOf(current).every((document) => after.has(keyOf(document)))).toBe(true);
      }),
    );
  });

  it("names each field that differs", () => {
    const desired = parseProvince(smallProvince("{ total: 100, reserved: 20", "{ total: 200, reserved: 40"));
    expect(planChanges(base, desired, { prune: true })).toMatchObject([
      {
        action: "change",
        kind: "Pool",
        id: "main-kunpeng",
        differences: [
          { path: "spec.inventories.VCPU.reserved", before: 20, after: 40 },
          { path: "spec.inventories.VCPU.total", before: 100, after: 200 },
        ],
      },
    ]);
  });

  it("names an entry of a list by its id", () => {
    const desired = parseProvince(smallProvince("zh: 外网区", "zh: 政务外网区"));
    expect(planChanges(base, desired, { prune: true })).toMatchObject([
      { differences: [{ path: "spec.zones[main-extranet].name.zh", before: "外网区", after: "政务外网区" }] },
    ]);
  });

  it("removes the old provincial cloud before it creates the new one", () => {
    const current = provinceOf(documentsOf(base).filter(({ kind }) => kind !== "QuotaNode"));
    const desired = provinceOf([
      ...documentsOf(current).filter(({ kind }) => kind !== "Cloud" && kind !== "Pool"),
      copied(find(current.clouds, "main"), "next", "next", { zones: [] }),
    ]);
    expect(
      planChanges(current, desired, { prune: true }).map(({ action, kind, id }) => `${action} ${kind} ${id}`),
    ).toEqual(["delete Pool main-kunpeng", "delete Cloud main", "create Cloud next"]);
  });
});

describe("formatPlan", () => {
  it("shows changes, fields and sums", () => {
    const desired = parseProvince(smallProvince("reserved: 20", "reserved: 30"));
    const withoutPrices = { ...desired, priceLists: [] };
    expect(formatPlan(planChanges(base, withoutPrices, { prune: true }))).toBe(
      [
        "- PriceList prices  价目 / Prices",
        "~ Pool main-kunpeng  鲲鹏池 / Kunpeng",
        "    spec.inventories.VCPU.reserved: 20 → 30",
        "",
        "计划：新增 0，变更 1，删除 1 / Plan: 0 to create, 1 to change, 1 to delete",
        "",
      ].join("\n"),
    );
  });

  it("says so when there is nothing to do", () => {
    expect(formatPlan([])).toBe("没有变更 / No changes\n");
  });
});
