import { describe, expect, test } from "vitest";
import type { Tampering } from "./target.ts";
import { allTenancies, type Bench, expectFault, tokenOf } from "./target.ts";

export function importCases(bench: Bench, tampering: () => Tampering): void {
  const adopt = (name: string, ownership: ReturnType<Bench["tenancy"]>["ownership"]) =>
    bench.provider().adoptTenancy(name, ownership);

  describe("import", () => {
    test("marks what bore no mark, once and for all, and manages it from then on", async () => {
      const spec = bench.tenancy();
      await tampering().createForeign(spec.name);
      const found = await bench.provider().getTenancy(spec.name);
      expect(found.ownership).toBeNull();
      const adopted = await adopt(spec.name, spec.ownership);
      // The cloud may still be at work on what somebody has just made: states and messages move on.
      const marked = { ref: found.ref, ownership: spec.ownership };
      expect(adopted).toMatchObject(marked);
      expect(await adopt(spec.name, spec.ownership)).toMatchObject(marked);
      const listed = (await allTenancies(bench.provider())).find(({ name }) => name === spec.name);
      expect(listed?.ownership).toEqual(spec.ownership);
      const managed = await bench.ensured(spec);
      expect(managed).toMatchObject({ ref: found.ref, quota: spec.quota, isolated: true });
    });

    test("leaves alone what somebody else owns, and misses what is not there", async () => {
      const spec = bench.tenancy();
      await bench.ensured(spec);
      await expectFault(adopt(spec.name, { ...spec.ownership, installation: "other" }), "Conflict");
      expect((await bench.provider().getTenancy(spec.name)).ownership).toEqual(spec.ownership);
      const absent = bench.tenancy();
      await expectFault(adopt(absent.name, absent.ownership), "NotFound");
    });

    test.skipIf(!bench.supports.instances)("what is inside keeps its owner", async () => {
      const spec = bench.tenancy();
      await bench.ensured(spec);
      const instance = bench.instance(spec);
      await bench.provider().ensureInstance(spec.name, instance, tokenOf(instance));
      await adopt(spec.name, spec.ownership);
      const [listed] = (await bench.provider().listInstances(spec.name)).items;
      expect(listed?.ownership).toEqual(spec.ownership);
    });
  });
}
