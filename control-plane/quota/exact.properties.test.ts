import fc from "fast-check";
import { expect, test } from "vitest";
import { knownId, type QuotaNodeId } from "../kernel/ids.ts";
import { QuantityError } from "../kernel/quantity.ts";
import { deriveTree, type QuotaNode } from "./tree.ts";

const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

/** From a few units up to the last number that is exact, so that sums of them often are not. */
const quantity = fc.oneof(
  fc.integer({ min: 0, max: 1000 }),
  fc.maxSafeInteger().map(Math.abs),
  fc.integer({ min: 0, max: 8 }).map((below) => Number.MAX_SAFE_INTEGER - below),
);
const node = fc.record({
  nominal: quantity,
  lendingLimit: fc.option(quantity),
  claimed: quantity,
});

interface Exact {
  readonly local: bigint;
  readonly subtree: bigint;
  readonly usage: bigint;
}

/** The formulas of docs/architecture.md in numbers without an end. */
function exactly(
  limit: { nominal: number; lendingLimit: number | null },
  below: Exact[],
  claimed: number,
): Exact {
  const most = (value: bigint) => (value > 0n ? value : 0n);
  const subtree = below.reduce((sum, one) => sum + one.subtree - one.local, BigInt(limit.nominal));
  const local = limit.lendingLimit === null ? 0n : most(subtree - BigInt(limit.lendingLimit));
  const usage = below.reduce((sum, one) => sum + most(one.usage - one.local), BigInt(claimed));
  return { local, subtree, usage };
}

test("every figure of a tree is exact, or the tree is refused: none is ever rounded", () => {
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(node, fc.array(node, { minLength: 1, maxLength: 5 }), (root, departments) => {
      const below = departments.map((one) => exactly(one, [], one.claimed));
      const expected = [exactly(root, below, root.claimed), ...below];
      const nodes = [root, ...departments].map(
        ({ nominal, lendingLimit, claimed }, at): QuotaNode => ({
          id: knownId<QuotaNodeId>(`n${at}`),
          parentId: at === 0 ? null : knownId<QuotaNodeId>("n0"),
          level: at === 0 ? "province" : "department",
          limits: { VCPU: { nominal, borrowingLimit: null, lendingLimit } },
          claimed: { VCPU: claimed },
        }),
      );
      if (expected.some(({ subtree, usage }) => subtree > LARGEST || usage > LARGEST)) {
        expect(() => deriveTree(nodes)).toThrow(QuantityError);
        outcomes.add("refused");
        return;
      }
      const figures = [...deriveTree(nodes).values()].map(({ figures: { VCPU } }) => ({
        local: BigInt(VCPU?.localQuota ?? -1),
        subtree: BigInt(VCPU?.subtreeQuota ?? -1),
        usage: BigInt(VCPU?.usage ?? -1),
      }));
      expect(figures).toEqual(expected);
      outcomes.add("exact");
    }),
    { numRuns: 500 },
  );
  expect([...outcomes].sort()).toEqual(["exact", "refused"]);
});
