import { describe, expect, it } from "vitest";
import { demandOf, innermostZone, onTopOf, partsOf } from "./demand.ts";
import { requestOf } from "./snapshot.fixture.ts";

const resources = { VCPU: 8, BLOCK_STORAGE_GIB: 100, PUBLIC_IPV4: 2 };

describe("demandOf", () => {
  it("takes the innermost zone for the primary", () => {
    expect(innermostZone(["internet", "dedicated", "extranet"])).toBe("dedicated");
    expect(() => innermostZone(["nowhere"])).toThrow(RangeError);
  });

  it("has one part, judged as the request itself, where nothing is split off", () => {
    const request = requestOf({ resources, recovery: { class: "local" } });
    const parts = partsOf(demandOf(request));
    expect(parts.map(({ role }) => role)).toEqual(["primary"]);
    expect(parts[0]?.request).toBe(request);
  });

  it("shows the judge the resources of the part alone, every class present", () => {
    const request = requestOf({
      zones: ["internet", "extranet"],
      resources,
      recovery: { class: "remote", pairJurisdiction: "440300" },
    });
    const { primary, edge, recovery } = demandOf(request);
    expect(primary.request.resources).toEqual({ ...request.resources, PUBLIC_IPV4: 0 });
    expect(edge).toMatchObject({ zone: "internet", amounts: { PUBLIC_IPV4: 2 } });
    expect(edge?.request.resources).toMatchObject({ VCPU: 0, PUBLIC_IPV4: 2, GPU: 0 });
    expect(recovery).toMatchObject({ zone: "extranet", amounts: { BLOCK_STORAGE_GIB: 100 } });
  });

  it("has no edge where nothing is to be exposed", () => {
    expect(demandOf(requestOf({ zones: ["internet", "extranet"] })).edge).toBeNull();
  });
});

describe("onTopOf", () => {
  it("tells what is new from what only stays or shrinks", () => {
    const { primary } = demandOf(requestOf({ resources }));
    const grown = onTopOf(primary, { VCPU: 12, BLOCK_STORAGE_GIB: 60, PUBLIC_IPV4: 2 });
    expect(grown.growth).toEqual({ BLOCK_STORAGE_GIB: 40 });
    expect(grown.changed).toEqual([
      ["VCPU", 8],
      ["BLOCK_STORAGE_GIB", 100],
    ]);
  });
});
