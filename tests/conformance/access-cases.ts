import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { type Bench, expectFault, faultOf } from "./target.ts";

export function accessCases(bench: Bench): void {
  describe("access", () => {
    test("probes with the configured credentials, and says what this cloud can do", async () => {
      const { version, supports } = await bench.provider().probe();
      expect(version).not.toBe("");
      expect(supports).toEqual(bench.supports);
    });

    test("no cloud can do more than its kind", () => {
      const { enforcedQuota, ...flags } = bench.supports;
      const kind = bench.provider().supports;
      expect(kind.enforcedQuota).toEqual(expect.arrayContaining([...enforcedQuota]));
      const beyond = Object.entries(flags).filter(
        ([flag, can]) =>
          can && !Object.entries(kind).some(([name, kindCan]) => name === flag && kindCan === true),
      );
      expect(beyond).toEqual([]);
    });

    test.skipIf(bench.supports.issueAccess)("says that it issues no access", async () => {
      const fault = await faultOf(bench.provider().issueAccess("any", 600, "t"));
      expect(fault).toMatchObject({ kind: "Invalid", vendorCode: "unsupported" });
    });

    test.skipIf(!bench.supports.issueAccess)("issues access to one tenancy, for a time", async () => {
      const spec = bench.tenancy();
      await bench.ensured(spec);
      const issue = () => bench.provider().issueAccess(spec.name, 900, "access-1");
      const startedAt = Date.now();
      const first = await issue();
      const lifetimeMs = Date.parse(first.expiresAt) - startedAt;
      expect(lifetimeMs).toBeGreaterThan(60_000);
      expect(lifetimeMs).toBeLessThan(3_600_000);
      expect(Object.keys(first.variables).length).toBeGreaterThan(0);
      // The secret of the first is lost with its reply; the repeat hands out one that works.
      expect((await issue()).variables).not.toEqual(first.variables);
      await expectFault(bench.provider().issueAccess(bench.tenancy().name, 900, "access-2"), "NotFound");
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
