import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import type { App } from "../context.ts";
import { RESOURCE_CLASSES } from "../kernel/quantity.ts";
import { lockQuota } from "../quota/derive.ts";
import { deriveTree } from "../quota/tree.ts";
import { apply, comparable, emptied } from "./apply.fixture.ts";
import { checkDocuments } from "./check.ts";
import { documentsOf, type Province } from "./province.ts";
import { anyProvince } from "./province-arbitrary.fixture.ts";
import { loadProvince } from "./rows.ts";

let tested: TestApp;
let app: App;
beforeAll(async () => {
  tested = await testApp();
  app = tested.app;
});
afterAll(() => tested.close());

/** The quota tree as the documents alone give it: a class that is not listed is neither owned nor borrowed. */
const derived = ({ quotaNodes }: Province) =>
  deriveTree(
    quotaNodes.map(({ metadata, spec }) => ({
      id: metadata.id,
      parentId: spec.parent,
      level: spec.kind,
      limits: Object.fromEntries(
        RESOURCE_CLASSES.map((name) => [
          name,
          spec.limits[name] ?? { nominal: 0, borrowingLimit: 0, lendingLimit: null },
        ]),
      ),
      claimed: {},
    })),
  );

it("any province becomes any other in one application, and is read back as it was written", async () => {
  await fc.assert(
    fc.asyncProperty(anyProvince, anyProvince, async (first, second) => {
      await emptied(app);
      for (const province of [first, second]) {
        expect(checkDocuments(documentsOf(province))).toEqual([]);
        await apply(app, province, { prune: true });
        expect(comparable(await app.db.withTx(loadProvince))).toEqual(comparable(province));
        expect(await app.db.withTx(lockQuota)).toEqual(derived(province));
      }
    }),
    { numRuns: 30 },
  );
});
