import { describe, expect, test } from "vitest";
import type { Tampering } from "./target.ts";
import { allTenancies, type Bench, expectFault, tokenOf, until } from "./target.ts";

export function tamperingCases(bench: Bench, tampering: () => Tampering): void {
  const { ensured, patienceMs } = bench;

  describe("behind our back", () => {
    test("a changed quota is seen and repaired", async () => {
      const spec = bench.tenancy();
      await ensured(spec);
      await tampering().setQuota(spec.name, { ...spec.quota, VCPU: 64 });
      expect((await bench.provider().getTenancy(spec.name)).quota.VCPU).toBe(64);
      expect((await ensured(spec)).quota.VCPU).toBe(spec.quota.VCPU);
    });

    test("an opened network is seen in tenancy and network, and closed again", async () => {
      const spec = bench.tenancy();
      await ensured(spec);
      await tampering().openNetwork(spec.name);
      expect((await bench.provider().getTenancy(spec.name)).isolated).toBe(false);
      const networks = await bench.provider().listNetworks(spec.name);
      expect(networks.some((network) => !network.isolated)).toBe(true);
      expect((await ensured(spec)).isolated).toBe(true);
      const repaired = await bench.provider().listNetworks(spec.name);
      expect(repaired.every((network) => network.isolated)).toBe(true);
    });

    test("a deleted tenancy is missed and made again under the same client token", async () => {
      const spec = bench.tenancy();
      const { ref } = await ensured(spec);
      await tampering().destroyTenancy(spec.name);
      await expectFault(bench.provider().getTenancy(spec.name), "NotFound");
      expect((await ensured(spec)).ref).not.toBe(ref);
    });

    test.skipIf(!bench.supports.instances)("a deleted instance is missed and made again", async () => {
      const spec = bench.tenancy();
      await ensured(spec);
      const instance = bench.instance(spec);
      const ensure = () => bench.provider().ensureInstance(spec.name, instance, tokenOf(instance));
      await until(patienceMs, "active", ensure);
      await tampering().destroyInstance(spec.name, instance.name);
      expect((await bench.provider().listInstances(spec.name)).items).toEqual([]);
      await until(patienceMs, "active", ensure);
    });

    test("an object without a mark is listed as nobody's and never taken over", async () => {
      const spec = bench.tenancy();
      await tampering().createForeign(spec.name);
      const listed = await allTenancies(bench.provider());
      expect(listed.find((tenancy) => tenancy.name === spec.name)?.ownership).toBeNull();
      await expectFault(ensured(spec), "Conflict");
    });
  });
}
