import { describe, expect, test } from "vitest";
import type { Tampering } from "./target.ts";
import { allTenancies, type Bench, expectFault } from "./target.ts";

const AT_ONCE = 20;

export function listCases(
  bench: Bench,
  tampering: () => Tampering,
  bulk: { readonly objects: number; readonly timeoutMs: number },
): void {
  describe("lists", () => {
    const title = `page over ${bulk.objects} objects, each once, whatever the page size`;
    test(title, { timeout: bulk.timeoutMs }, async () => {
      const names = Array.from({ length: bulk.objects }, () => bench.tenancy().name);
      const waiting = [...names];
      const worker = async () => {
        for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
          await tampering().createForeign(name);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      for (const limit of [undefined, 97]) {
        const listed = (await allTenancies(bench.provider(), limit)).map((tenancy) => tenancy.name);
        expect(new Set(listed).size).toBe(listed.length);
        expect(listed).toEqual(expect.arrayContaining(names));
      }
    });

    test("a page keeps to its limit and says where the next begins", async () => {
      const page = await bench.provider().listTenancies({ limit: 3 });
      expect(page.items).toHaveLength(3);
      expect(page.next).not.toBeNull();
    });

    test.skipIf(!bench.supports.instances)("instances page too, each once", async () => {
      const spec = bench.tenancy();
      await bench.ensured(spec);
      const names = ["app-1", "app-2", "app-3", "db-1", "db-2"];
      await Promise.all(
        names.map((name) => bench.running(spec, bench.instance(spec, { name, vcpu: 1, memoryGiB: 1 }))),
      );
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const options = after === undefined ? { limit: 2 } : { limit: 2, after };
        const page = await bench.provider().listInstances(spec.name, options);
        expect(page.items.length).toBeLessThanOrEqual(2);
        seen.push(...page.items.map((instance) => instance.name));
        after = page.next ?? undefined;
      } while (after !== undefined);
      expect(seen.sort()).toEqual(names);
    });

    test("a cursor that was not made by the cloud is Invalid", async () => {
      await expectFault(bench.provider().listTenancies({ after: "%%%" }), "Invalid");
    });
  });
}
