import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { type Bench, expectFault, faultOf } from "./target.ts";

export function accessCases(bench: Bench): void {
  describe("access", () => {
    test("states truly what it supports", () => {
      expect(bench.provider().supports).toEqual(bench.supports);
    });

    test("probes with the configured credentials", async () => {
      expect((await bench.provider().probe()).version).not.toBe("");
    });

    test.skipIf(!bench.supports.discoverCapacity)("discovers the capacity of its pools", async () => {
      const pools = await bench.provider().discoverCapacity();
      const pool = pools.find((candidate) => candidate.pool === bench.target().pool);
      expect(pool?.total.VCPU).toBeGreaterThanOrEqual(64);
    });

    test.skipIf(!bench.supports.instances)("lists the image that the target names", async () => {
      const names = (await bench.provider().listImages()).map((image) => image.name);
      expect(names).toContain(bench.target().image);
    });

    test("wrong credentials are Denied, for reading and for writing", async () => {
      const { intruder } = bench.target();
      const spec = bench.tenancy();
      await expectFault(intruder.probe(), "Denied");
      await expectFault(intruder.ensureTenancy(spec, "t"), "Denied");
      await expectFault(bench.provider().getTenancy(spec.name), "NotFound");
    });

    test("a dead cloud is Unavailable", async () => {
      await expectFault(bench.target().dead.probe(), "Unavailable");
    });

    test("an aborted signal ends the call before it begins", async () => {
      const spec = bench.tenancy();
      const options = { signal: AbortSignal.abort() };
      await expectFault(bench.provider().ensureTenancy(spec, "t", options), "Unavailable");
      await expectFault(bench.provider().getTenancy(spec.name), "NotFound");
    });

    test("no secret is in a fault, not even in its private part", async () => {
      const { dead, intruder, secrets } = bench.target();
      for (const fault of [await faultOf(intruder.probe()), await faultOf(dead.probe())]) {
        const everything = inspect(fault, { depth: 20 });
        for (const secret of secrets) expect(everything).not.toContain(secret);
      }
    });
  });
}
