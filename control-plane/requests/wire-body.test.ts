import { describe, expect, it } from "vitest";
import { AnyRequestBody } from "./wire-body.ts";

/** The request of the documentation, with everything that may be said. */
const FULL = {
  organizationId: "gd-hrss",
  system: {
    name: "省级社会保险信息系统",
    mlpsLevel: 3,
    dataClass: "important",
    filingNo: "44000012345-00001",
  },
  projectApprovalNo: "粤数政务〔2026〕101号",
  purpose: "第一行\n第二行",
  environment: "production",
  network: { zones: ["extranet"], internetExposed: false },
  requirements: { xinchuang: true, architectures: ["kunpeng"], cloudIds: [], forbiddenTraits: [] },
  resources: { VCPU: 64, MEMORY_GIB: 256, BLOCK_STORAGE_GIB: 4096 },
  instances: [{ name: "app", count: 4, vcpu: 8, memoryGiB: 32, diskGiB: 200, image: "kylin-v10-sp3" }],
  recovery: { class: "remote", rtoMinutes: 60, rpoMinutes: 15, pairJurisdiction: "440300" },
  capabilities: { reuse: ["unified-identity"], exemptions: [] },
  term: { start: "2026-12-01", end: "2027-11-30" },
};
const RESIZE = { kind: "resize", tenancyId: "ten_01", resources: { VCPU: 4 } };
const RENEW = { kind: "renew", tenancyId: "ten_01", end: "2028-11-30" };
const RELEASE = { kind: "release", tenancyId: "ten_01", dataExport: "done" };

/** A deep copy with one value replaced; `undefined` takes the key away. */
function changed(body: unknown, path: string, value: unknown): unknown {
  const copy: unknown = structuredClone(body);
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let place = copy as Record<string, unknown>;
  for (const key of keys) place = place[key] as Record<string, unknown>;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return copy;
}

/** Paths and reasons of a refusal; null where the body is taken. */
function refusalOf(body: unknown): string[] | null {
  const outcome = AnyRequestBody.safeParse(body);
  return outcome.success
    ? null
    : outcome.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("what is asked for", () => {
  it.each([
    ["create", FULL],
    ["resize", RESIZE],
    ["renew", RENEW],
    ["release", RELEASE],
  ])("takes a %s", (_, body) => {
    expect(AnyRequestBody.parse(body)).toEqual(body);
  });

  it("takes a new tenancy with only what it must say", () => {
    const { recovery, capabilities, requirements, instances, purpose, projectApprovalNo, ...least } = FULL;
    expect(refusalOf(least)).toBeNull();
  });

  it.each([null, 1, "create", [], [FULL], true])("refuses %j as a body", (body) => {
    expect(refusalOf(body)).not.toBeNull();
  });
});

describe("fields", () => {
  it.each([
    ["resources.VCPU", "64"],
    ["resources.VCPU", -1],
    ["resources.VCPU", 0.5],
    ["resources.VCPU", 2 ** 53],
    ["resources.VCPU", 1e30],
    ["resources.VCPU", null],
    ["resources.vcpu", 1],
    ["resources.FPGA", 1],
    ["resources", {}],
    ["resources", { VCPU: 0 }],
    ["resources", []],
    ["organizationId", "' OR 1=1 --"],
    ["organizationId", undefined],
    ["organizationId", ""],
    ["system.name", "社保\u202e系统"],
    ["system.name", "社保\u200b系统"],
    ["system.name", "社保\u0000系统"],
    ["system.name", "社保\ud83d系统"],
    ["system.name", "a\nb"],
    ["system.name", "社".repeat(101)],
    ["system.name", "  "],
    ["system.mlpsLevel", 0],
    ["system.mlpsLevel", 6],
    ["system.mlpsLevel", 2.5],
    ["system.mlpsLevel", "3"],
    ["system.dataClass", "top"],
    ["purpose", "x".repeat(2001)],
    ["purpose", "hidden\u2066text"],
    ["environment", "staging"],
    ["network.zones", []],
    ["network.zones", ["extranet", "extranet"]],
    ["network.zones", ["moon"]],
    ["network.internetExposed", "false"],
    ["requirements.architectures", ["arm"]],
    ["requirements.cloudIds", Array.from({ length: 51 }, (_, index) => `cloud-${index}`)],
    ["instances.0.name", "App"],
    ["instances.0.name", "a".repeat(32)],
    ["instances.0.count", 0],
    ["instances.0.count", 501],
    ["instances.0.image", "../../etc/passwd"],
    ["recovery.pairJurisdiction", "44030"],
    ["recovery.rtoMinutes", -1],
    ["capabilities.exemptions", [{ capability: "unified-identity", reason: "", expiresOn: "2027-01-01" }]],
    ["term.start", "2026-02-30"],
    ["term.start", "0000-01-01"],
    ["term.end", "2026-11-30"],
    ["term.end", "next year"],
    ["term", { start: "2026-12-01" }],
    ["tenancyId", "ten_01"],
    ["decision", { outcome: "allowed" }],
  ])("refuses %s = %j and names the field", (path, value) => {
    const refusal = refusalOf(changed(FULL, path, value));
    const [field = ""] = path.split(".");
    expect(refusal?.join("\n")).toContain(field);
  });

  it("names every field that is wrong, not the first", () => {
    const body = changed(changed(changed(FULL, "environment", "x"), "system.mlpsLevel", 9), "term.end", "x");
    expect(
      refusalOf(body)
        ?.map((line) => line.split(":")[0])
        .toSorted(),
    ).toEqual(["environment", "system.mlpsLevel", "term.end"]);
  });

  it("does not repeat a value in the refusal: it may be a secret", () => {
    expect(refusalOf(changed(FULL, "environment", "hunter2"))?.join()).not.toContain("hunter2");
  });

  it("takes a term of one day", () => {
    expect(refusalOf(changed(FULL, "term.end", "2026-12-01"))).toBeNull();
  });

  it("refuses a term that ends before it starts, at its end", () => {
    expect(refusalOf(changed(FULL, "term.end", "2026-11-30"))).toEqual(["term.end: ends before it starts"]);
  });
});

describe("instances", () => {
  it.each(["VCPU", "MEMORY_GIB", "BLOCK_STORAGE_GIB"])("must fit into the %s asked for", (name) => {
    expect(refusalOf(changed(FULL, `resources.${name}`, 31))).toEqual([
      "instances: need more than the resources asked for",
    ]);
  });

  it("may use all that is asked for", () => {
    expect(
      refusalOf(changed(FULL, "resources", { VCPU: 32, MEMORY_GIB: 128, BLOCK_STORAGE_GIB: 800 })),
    ).toBeNull();
  });

  it("must differ in name", () => {
    const [one] = FULL.instances;
    expect(refusalOf(changed(FULL, "instances", [one, one]))).toContain("instances: names must differ");
  });

  it("must fit in a resize as well", () => {
    expect(refusalOf({ ...RESIZE, instances: FULL.instances })).toEqual([
      "instances: need more than the resources asked for",
    ]);
  });
});

describe("kinds", () => {
  it.each(["delete", "CREATE", "", null, 1, "constructor", "__proto__"])("knows no kind %j", (kind) => {
    expect(refusalOf({ ...FULL, kind })).toEqual(["kind: must be create, resize, renew or release"]);
  });

  it.each([
    ["a new tenancy with a tenancy's id", { ...FULL, tenancyId: "ten_01" }],
    ["a resize with an organization", { ...RESIZE, organizationId: "gd-hrss" }],
    ["a resize with a term", { ...RESIZE, end: "2028-11-30" }],
    ["a renewal with resources", { ...RENEW, resources: { VCPU: 1 } }],
    ["a release with an end", { ...RELEASE, end: "2028-11-30" }],
    ["a release without a word on the data", { kind: "release", tenancyId: "ten_01" }],
    ["a release that leaves the data open", { ...RELEASE, dataExport: "later" }],
    ["a change without a tenancy", { kind: "renew", end: "2028-11-30" }],
    ["a tenancy's id of another make", { ...RELEASE, tenancyId: "1 OR 1=1" }],
  ])("refuses %s", (_, body) => {
    expect(refusalOf(body)).not.toBeNull();
  });

  it("refuses fields that would reach the prototype", () => {
    expect(
      refusalOf(JSON.parse(`${JSON.stringify(RELEASE).slice(0, -1)}, "__proto__": {"kind": "create"}}`)),
    ).not.toBeNull();
  });
});
