import { describe, expect, test } from "vitest";
import { type Bench, tokenOf, untilGone } from "./target.ts";

export function tokenCases(bench: Bench, expireTokens: () => Promise<void>): void {
  describe("tokens", () => {
    test("that end in mid-run are renewed, and the work goes on", async () => {
      const spec = bench.tenancy();
      const { ref } = await bench.ensured(spec);
      await expireTokens();
      expect((await bench.provider().getTenancy(spec.name)).ref).toBe(ref);
      await expireTokens();
      expect((await bench.ensured({ ...spec, quota: { ...spec.quota, VCPU: 12 } })).quota.VCPU).toBe(12);
      if (bench.supports.instances) {
        const instance = bench.instance(spec);
        await expireTokens();
        await bench.provider().ensureInstance(spec.name, instance, tokenOf(instance));
        await expireTokens();
        expect((await bench.provider().listInstances(spec.name)).items).toHaveLength(1);
      }
      await expireTokens();
      await untilGone(bench.patienceMs, () => bench.provider().removeTenancy(spec.name));
    });

    test("are renewed once for many calls that find them ended together", async () => {
      await bench.provider().probe();
      await expireTokens();
      const probes = await Promise.all(Array.from({ length: 8 }, () => bench.provider().probe()));
      expect(new Set(probes.map(({ version }) => version)).size).toBe(1);
    });
  });
}
