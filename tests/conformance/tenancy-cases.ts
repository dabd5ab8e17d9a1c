import { describe, expect, test } from "vitest";
import { ProviderFault } from "../../providers/faults.ts";
import {
  allTenancies,
  type Bench,
  expectFault,
  faultOf,
  ownership,
  tokenOf,
  until,
  untilGone,
} from "./target.ts";

export function tenancyCases(bench: Bench): void {
  const { ensured, patienceMs } = bench;
  const observed = (name: string) => bench.provider().getTenancy(name);
  const remove = (name: string) => untilGone(patienceMs, () => bench.provider().removeTenancy(name));

  describe("tenancy", () => {
    test("is created once, however often it is ensured", async () => {
      const spec = bench.tenancy();
      const first = await ensured(spec);
      const active = await until(patienceMs, "active", () => ensured(spec));
      expect(active).toMatchObject({
        ref: first.ref,
        name: spec.name,
        displayName: spec.displayName,
        ownership: spec.ownership,
        pool: spec.pool,
        zone: spec.zone,
        quota: spec.quota,
        accessGroup: spec.accessGroup,
        isolated: true,
      });
      const listed = await allTenancies(bench.provider());
      expect(listed.filter((tenancy) => tenancy.name === spec.name)).toHaveLength(1);
    });

    test("two controllers at once make one, with the same token and with different ones", async () => {
      const same = bench.tenancy();
      const twice = await Promise.all([ensured(same), ensured(same), ensured(same)]);
      expect(new Set(twice.map((tenancy) => tenancy.ref)).size).toBe(1);
      const different = bench.tenancy();
      const { provider, other } = bench.target();
      const both = await Promise.all(
        [provider, other, provider, other].map((controller, index) =>
          controller.ensureTenancy(different, `${tokenOf(different)}-${index}`),
        ),
      );
      expect(new Set(both.map((tenancy) => tenancy.ref)).size).toBe(1);
      // What races leave behind twice, the next look puts right.
      await ensured(different);
      const networks = await provider.listNetworks(different.name);
      expect(new Set(networks.map((network) => network.name)).size).toBe(networks.length);
    });

    test("a name that another installation holds is a Conflict and stays as it is", async () => {
      const spec = bench.tenancy();
      const before = await ensured(spec);
      for (const change of [{ installation: "other" }, { placementId: "plc_other" }]) {
        const foreign = { ...spec, quota: {}, ownership: { ...ownership(spec.name), ...change } };
        await expectFault(bench.provider().ensureTenancy(foreign, "foreign"), "Conflict");
      }
      expect(await observed(spec.name)).toMatchObject({ ref: before.ref, quota: spec.quota });
    });

    test("cannot be moved to another pool", async () => {
      const spec = bench.tenancy();
      await ensured(spec);
      await expectFault(ensured({ ...spec, pool: bench.target().narrowPool.name, quota: {} }), "Conflict");
    });

    test("an unknown pool is Invalid", async () => {
      await expectFault(ensured(bench.tenancy({ pool: "no-such-pool" })), "Invalid");
    });

    test("takes a higher and a lower quota, and another group", async () => {
      const spec = bench.tenancy();
      await ensured(spec);
      for (const vcpu of [32, 8]) {
        const changed = { ...spec, quota: { ...spec.quota, VCPU: vcpu }, accessGroup: `group-${vcpu}` };
        await ensured(changed);
        expect(await observed(spec.name)).toMatchObject({
          quota: changed.quota,
          accessGroup: changed.accessGroup,
        });
      }
    });

    test("has networks of its own, which admit nothing that was not allowed", async () => {
      const specs = [bench.tenancy(), bench.tenancy()];
      const tenancies = await Promise.all(specs.map(ensured));
      const networks = await Promise.all(specs.map((spec) => bench.provider().listNetworks(spec.name)));
      for (const [index, list] of networks.entries()) {
        expect(list.length).toBeGreaterThan(0);
        expect(list.every((network) => network.isolated)).toBe(true);
        expect(list.every((network) => network.tenancyRef === tenancies[index]?.ref)).toBe(true);
      }
      const refs = networks.flat().map((network) => network.ref);
      expect(new Set(refs).size).toBe(refs.length);
    });

    test.skipIf(!bench.supports.suspend)("is suspended and resumed", async () => {
      const spec = bench.tenancy();
      await ensured(spec);
      await until(patienceMs, "suspended", () => ensured({ ...spec, suspended: true }));
      await until(patienceMs, "active", () => ensured(spec));
    });

    test("what does not exist is NotFound, for reading and for removing", async () => {
      const provider = bench.provider();
      const { name } = bench.tenancy();
      await expectFault(provider.getTenancy(name), "NotFound");
      await expectFault(provider.removeTenancy(name), "NotFound");
      await expectFault(provider.listInstances(name), "NotFound");
      await expectFault(provider.listNetworks(name), "NotFound");
      await expectFault(provider.readUsage(name), "NotFound");
    });

    const filled = async () => {
      const spec = bench.tenancy();
      await ensured(spec);
      if (bench.supports.instances) {
        const instance = bench.instance(spec);
        await bench.provider().ensureInstance(spec.name, instance, tokenOf(instance));
      }
      return spec;
    };

    test("is removed with everything inside", async () => {
      const spec = await filled();
      await remove(spec.name);
      await expectFault(bench.provider().getTenancy(spec.name), "NotFound");
      const listed = await allTenancies(bench.provider());
      expect(listed.map((tenancy) => tenancy.name)).not.toContain(spec.name);
    });

    test.skipIf(bench.supports.wipeReceipt)("says that it keeps no proof of wiping", async () => {
      const fault = await faultOf(bench.provider().wipeReceipt("any"));
      expect(fault).toMatchObject({ kind: "Invalid", vendorCode: "unsupported" });
    });

    test.skipIf(!bench.supports.wipeReceipt)("proves after its removal that the data is gone", async () => {
      const provider = bench.provider();
      const spec = await filled();
      await expectFault(provider.wipeReceipt(spec.name), "NotFound");
      await remove(spec.name);
      const receipt = await provider.wipeReceipt(spec.name);
      expect(receipt).toMatchObject({
        tenancyName: spec.name,
        volumesWiped: bench.supports.instances ? 1 : 0,
      });
      expect(Number.isNaN(Date.parse(receipt.wipedAt))).toBe(false);
    });

    test("two controllers remove it together, and the name is free again", async () => {
      const spec = bench.tenancy();
      const { ref } = await ensured(spec);
      await Promise.all([remove(spec.name), remove(spec.name)]);
      const again = await ensured(spec);
      expect(again.ref).not.toBe(ref);
    });

    test("is never revived once its removal has begun", async () => {
      const spec = bench.tenancy();
      const { ref } = await ensured(spec);
      await bench.provider().removeTenancy(spec.name);
      // Conflict until it is gone; a cloud that was quick with it has made a new one.
      const outcome = await ensured(spec).catch((error: unknown) => error);
      if (outcome instanceof ProviderFault) expect(outcome.kind).toBe("Conflict");
      else expect(outcome).not.toMatchObject({ ref });
    });
  });
}
