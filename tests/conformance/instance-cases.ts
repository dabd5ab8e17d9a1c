import { describe, expect, test } from "vitest";
import type { InstanceSpec, TenancySpec } from "../../providers/port.ts";
import { type Bench, expectFault, QUOTA, tokenOf, until, untilGone } from "./target.ts";

export function instanceCases(bench: Bench): void {
  const { patienceMs, running } = bench;
  const ensure = (tenancy: TenancySpec, spec: InstanceSpec) =>
    bench.provider().ensureInstance(tenancy.name, spec, tokenOf(spec));
  const inside = async (overrides: Partial<TenancySpec> = {}) => {
    const tenancy = bench.tenancy(overrides);
    await bench.ensured(tenancy);
    return tenancy;
  };

  describe.skipIf(!bench.supports.instances)("instance", () => {
    test("is created once, becomes active, and is accounted for", async () => {
      const tenancy = await inside();
      const spec = bench.instance(tenancy);
      const [first, second] = await Promise.all([ensure(tenancy, spec), ensure(tenancy, spec)]);
      expect(second.ref).toBe(first.ref);
      const active = await until(patienceMs, "active", () => ensure(tenancy, spec));
      expect(active).toMatchObject({
        ref: first.ref,
        ownership: spec.ownership,
        vcpu: 2,
        memoryGiB: 4,
        diskGiB: 20,
        image: spec.image,
      });
      const { items } = await bench.provider().listInstances(tenancy.name);
      expect(items).toHaveLength(1);
      expect(await bench.provider().readUsage(tenancy.name)).toMatchObject({ VCPU: 2, MEMORY_GIB: 4 });
    });

    test("two controllers at once make one", async () => {
      const tenancy = await inside();
      const spec = bench.instance(tenancy);
      const { provider, other } = bench.target();
      const made = await Promise.all(
        [provider, other, provider, other].map((controller) =>
          controller.ensureInstance(tenancy.name, spec, tokenOf(spec)),
        ),
      );
      expect(new Set(made.map((instance) => instance.ref)).size).toBe(1);
      expect((await provider.listInstances(tenancy.name)).items).toHaveLength(1);
      await running(tenancy, spec);
    });

    test.skipIf(bench.supports.resize)("keeps its size", async () => {
      const tenancy = await inside();
      const spec = bench.instance(tenancy);
      await running(tenancy, spec);
      await expectFault(ensure(tenancy, { ...spec, vcpu: 4, memoryGiB: 8 }), "Invalid");
    });

    test.skipIf(!bench.supports.resize)("is resized in place", async () => {
      const tenancy = await inside();
      const spec = bench.instance(tenancy);
      const { ref } = await ensure(tenancy, spec);
      await until(patienceMs, "active", () => ensure(tenancy, spec));
      const larger = { ...spec, vcpu: 4, memoryGiB: 8 };
      const resized = await running(tenancy, larger);
      expect(resized).toMatchObject({ ref, vcpu: 4, memoryGiB: 8 });
      expect(await bench.provider().readUsage(tenancy.name)).toMatchObject({ VCPU: 4, MEMORY_GIB: 8 });
    });

    test("belongs to one owner, and keeps its image", async () => {
      const tenancy = await inside();
      const spec = bench.instance(tenancy);
      await ensure(tenancy, spec);
      const foreign = { ...spec, ownership: { ...spec.ownership, installation: "other" } };
      await expectFault(ensure(tenancy, foreign), "Conflict");
      await expectFault(ensure(tenancy, { ...spec, image: "another" }), "Conflict");
    });

    test("an unknown image is Invalid, an unknown tenancy NotFound", async () => {
      const tenancy = await inside();
      await expectFault(ensure(tenancy, bench.instance(tenancy, { image: "no-such-image" })), "Invalid");
      const absent = bench.tenancy();
      await expectFault(ensure(absent, bench.instance(absent)), "NotFound");
    });

    test("is removed by repeating until NotFound, and its share is free again", async () => {
      const tenancy = await inside();
      const spec = bench.instance(tenancy);
      await ensure(tenancy, spec);
      await untilGone(patienceMs, () => bench.provider().removeInstance(tenancy.name, spec.name));
      const { items } = await bench.provider().listInstances(tenancy.name);
      expect(items).toEqual([]);
      expect((await bench.provider().readUsage(tenancy.name)).VCPU ?? 0).toBe(0);
    });

    test.skipIf(!bench.supports.enforcedQuota.includes("VCPU"))(
      "the cloud enforces the quota, raised and lowered",
      async () => {
        const tenancy = await inside({ quota: { ...QUOTA, VCPU: 4 } });
        await running(tenancy, bench.instance(tenancy, { name: "a", vcpu: 3 }));
        const second = bench.instance(tenancy, { name: "b", vcpu: 2 });
        await expectFault(running(tenancy, second), "Capacity");
        await bench.ensured({ ...tenancy, quota: { ...QUOTA, VCPU: 8 } });
        await running(tenancy, second);
        await bench.ensured({ ...tenancy, quota: { ...QUOTA, VCPU: 5 } });
        await expectFault(
          running(tenancy, bench.instance(tenancy, { name: "c", vcpu: 1, memoryGiB: 1 })),
          "Capacity",
        );
      },
    );

    test.skipIf(!bench.supports.enforcedQuota.includes("VCPU") || !bench.supports.resize)(
      "a resize is held to the quota too",
      async () => {
        const tenancy = await inside({ quota: { ...QUOTA, VCPU: 6 } });
        await running(tenancy, bench.instance(tenancy, { name: "a", vcpu: 3 }));
        const second = bench.instance(tenancy, { name: "b", vcpu: 2 });
        await running(tenancy, second);
        await expectFault(running(tenancy, { ...second, vcpu: 4 }), "Capacity");
        await running(tenancy, { ...second, vcpu: 3 });
        await expectFault(running(tenancy, bench.instance(tenancy, { name: "c", vcpu: 1 })), "Capacity");
      },
    );

    test("a full pool is Capacity, however large the quota", async ({ skip }) => {
      const { name, vcpu } = bench.target().narrowPool;
      if (vcpu === null) return skip("no pool of this cloud can be filled");
      const quota = { ...QUOTA, VCPU: vcpu };
      const [first, second] = [await inside({ pool: name, quota }), await inside({ pool: name, quota })];
      await running(first, bench.instance(first, { vcpu }));
      await expectFault(running(second, bench.instance(second, { vcpu: 1 })), "Capacity");
      await untilGone(patienceMs, () => bench.provider().removeTenancy(first.name));
      await running(second, bench.instance(second, { vcpu: 1 }));
    });

    test.skipIf(!bench.supports.suspend)("stops while its tenancy is suspended", async () => {
      const tenancy = await inside();
      const spec = bench.instance(tenancy);
      await ensure(tenancy, spec);
      const observed = async () => {
        const [instance] = (await bench.provider().listInstances(tenancy.name)).items;
        if (instance === undefined) throw new Error("the instance has vanished");
        return instance;
      };
      await until(patienceMs, "active", observed);
      await bench.ensured({ ...tenancy, suspended: true });
      await until(patienceMs, "stopped", observed);
      await bench.ensured(tenancy);
      await until(patienceMs, "active", observed);
    });
  });
}
