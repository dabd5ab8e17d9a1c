import { describe, expect, it } from "vitest";
import { checkDocuments } from "./check.ts";
import type { ProvinceDocument } from "./documents.ts";
import { parseProvince } from "./parse.ts";
import { smallProvince } from "./province.fixture.ts";
import { documentsOf, keyOf } from "./province.ts";

/** Checks the small province after one change to its data; answers `Kind id path: English reason`. */
function problemsAfter(change: (documents: ProvinceDocument[]) => ProvinceDocument[]): string[] {
  const documents = structuredClone(documentsOf(parseProvince(smallProvince())));
  return checkDocuments(change(documents)).map(
    ({ document, path, reason }) => `${keyOf(document)} ${path.join(".")}: ${reason.en}`,
  );
}

/** Replaces fields of one document's spec; the result may be as wrong as the test needs it. */
function withSpec(key: string, spec: Record<string, unknown>) {
  return (documents: ProvinceDocument[]) =>
    documents.map((document) =>
      keyOf(document) === key
        ? ({ ...document, spec: { ...document.spec, ...spec } } as ProvinceDocument)
        : document,
    );
}

/** A second document like the one named, under another id. */
function copyOf(key: string, id: string, spec: Record<string, unknown>) {
  return (documents: ProvinceDocument[]) => {
    const original = documents.find((document) => keyOf(document) === key);
    if (original === undefined) throw new Error(`not in the fixture: ${key}`);
    const copy = {
      ...original,
      metadata: { ...original.metadata, id },
      spec: { ...original.spec, ...spec },
    } as ProvinceDocument;
    return [...documents, copy];
  };
}

const vcpu = (nominal: number, lendingLimit: number | null = null) => ({
  limits: { VCPU: { nominal, borrowingLimit: null, lendingLimit } },
});

describe("checkDocuments", () => {
  it("finds nothing wrong with the small province", () => {
    expect(problemsAfter((documents) => documents)).toEqual([]);
  });

  it.each([
    [
      "a duplicate id",
      copyOf("Pool main-kunpeng", "main-kunpeng", {}),
      "Pool main-kunpeng metadata.id: Pool main-kunpeng is defined twice",
    ],
    [
      "an unknown reference",
      withSpec("Cloud main", { csp: "csp-z" }),
      "Cloud main spec.csp: there is no Organization csp-z",
    ],
    [
      "a cycle of organizations",
      withSpec("Organization gd", { parent: "gd-hrss" }),
      "Organization gd spec.parent: the parents form a cycle: Organization gd → Organization gd-hrss → Organization gd",
    ],
    [
      "an organization above itself",
      withSpec("Organization gd", { parent: "gd" }),
      "Organization gd spec.parent: the parents form a cycle: Organization gd → Organization gd",
    ],
    [
      "a cycle of quota nodes",
      withSpec("QuotaNode gd.main", { parent: "gd.main.gd-hrss" }),
      "QuotaNode gd.main spec.parent: the parents form a cycle: QuotaNode gd.main → QuotaNode gd.main.gd-hrss → QuotaNode gd.main",
    ],
    [
      "a zone of the same id in another cloud",
      copyOf("Cloud main", "other", { tier: "industry", sector: "health" }),
      "Cloud other spec.zones.0.id: zone main-extranet is defined twice",
    ],
    [
      "a second provincial cloud",
      copyOf("Cloud main", "other", { zones: [] }),
      "Cloud other spec.tier: there is already a provincial cloud, main",
    ],
    [
      "a municipal cloud outside a city",
      withSpec("Cloud main", { tier: "municipal", jurisdiction: "440000" }),
      "Cloud main spec.jurisdiction: a municipal cloud belongs to a city",
    ],
    [
      "a cloud run by a department",
      withSpec("Cloud main", { csp: "gd-hrss" }),
      "Cloud main spec.csp: gd-hrss is neither a cloud service provider nor an operating body",
    ],
    [
      "a zone of another cloud",
      withSpec("Pool main-kunpeng", { zone: "other-extranet" }),
      "Pool main-kunpeng spec.zone: cloud main has no zone other-extranet",
    ],
    [
      "a pool above its cloud",
      withSpec("Pool main-kunpeng", { mlpsLevel: 4 }),
      "Pool main-kunpeng spec.mlpsLevel: a pool cannot rank above its cloud (level 3)",
    ],
    [
      "an organization on another level than its division",
      withSpec("Organization gd-hrss", { level: "city" }),
      "Organization gd-hrss spec.level: the level differs from that of division 440000 (province)",
    ],
    [
      "a division below an equal one",
      withSpec("Jurisdiction 440300", { level: "province" }),
      "Jurisdiction 440300 spec.parent: the parent division must be of a higher level",
    ],
    [
      "two price lists of one day",
      copyOf("PriceList prices", "prices-again", {}),
      "PriceList prices-again spec.effectiveFrom: another price list takes effect on the same day",
    ],
    [
      "a second root of the quota tree",
      copyOf("QuotaNode gd", "gd2", {}),
      "QuotaNode gd2 metadata.id: quota node gd already stands for the same",
    ],
    [
      "a second node for a department",
      copyOf("QuotaNode gd.main.gd-hrss", "gd.main.again", vcpu(0)),
      "QuotaNode gd.main.again metadata.id: quota node gd.main.gd-hrss already stands for the same",
    ],
    [
      "a department directly below the province",
      withSpec("QuotaNode gd.main.gd-hrss", { parent: "gd" }),
      "QuotaNode gd.main.gd-hrss spec.parent: a cloud's node stands below the province's, a department's below a cloud's or a department's",
    ],
    [
      "more lent than owned",
      withSpec("QuotaNode gd.main.gd-hrss", vcpu(40, 41)),
      "QuotaNode gd.main.gd-hrss spec.limits.VCPU.lendingLimit: the lending limit 41 exceeds the 40 that the node and those below it own",
    ],
    [
      // (100 - 20) * 1.5 = 120 is the pool's capacity; the cloud's own 60 and the department's 61 are one too many.
      "more promised than the pools carry",
      withSpec("QuotaNode gd.main.gd-hrss", vcpu(61)),
      "QuotaNode gd.main spec.limits.VCPU: VCPU quotas add up to 121, more than the pools' capacity of 120",
    ],
  ])("finds %s", (_name, change, expected) => {
    expect(problemsAfter(change)).toContain(expected);
  });

  it("accepts quotas that use the capacity to the last unit", () => {
    expect(problemsAfter(withSpec("QuotaNode gd.main.gd-hrss", vcpu(60)))).toEqual([]);
  });

  it("adds quotas beyond 2^53 exactly", () => {
    const problems = problemsAfter(withSpec("QuotaNode gd.main.gd-hrss", vcpu(Number.MAX_SAFE_INTEGER)));
    expect(problems[0]).toContain("add up to 9007199254741051,");
  });
});
