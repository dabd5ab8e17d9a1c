import { describe, expect, test } from "vitest";
import type { Tampering } from "./target.ts";
import { allTenancies, type Bench, expectFault } from "./target.ts";

const OBJECTS = 1_000;
const AT_ONCE = 20;

export function listCases(bench: Bench, tampering: () => Tampering): void {
  describe("lists", () => {
    test(`page over ${OBJECTS} objects, each once, whatever the page size`, async () => {
      const names = Array.from({ length: OBJECTS }, () => bench.tenancy().name);
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
    }, 60_000);

    test("a page keeps to its limit and says where the next begins", async () => {
      const page = await bench.provider().listTenancies({ limit: 3 });
      expect(page.items).toHaveLength(3);
      expect(page.next).not.toBeNull();
    });

    test("a cursor that was not made by the cloud is Invalid", async () => {
      await expectFault(bench.provider().listTenancies({ after: "%%%" }), "Invalid");
    });
  });
}
