import { array, assert, constant, constantFrom, integer, oneof, property, record } from "fast-check";
import { expect, it } from "vitest";
import { isFault } from "../kernel/fault.ts";
import { knownId, type QuotaNodeId } from "../kernel/ids.ts";
import {
  addUsage,
  chainOf,
  deriveTree,
  type QuotaLimit,
  type QuotaLink,
  type QuotaNode,
  withLimit,
  withUsage,
} from "./tree.ts";
import { withParent } from "./tree-move.ts";

const COUNT = 8;
const id = (index: number): QuotaNodeId => knownId<QuotaNodeId>(`n${index}`);
const nodeIndex = integer({ min: 0, max: COUNT - 1 });
const orNull = oneof(constant(null), integer({ min: 0, max: 40 }));
const limit = record({ nominal: integer({ min: 0, max: 40 }), borrowingLimit: orNull, lendingLimit: orNull });

const command = oneof(
  record({ do: constant("take" as const), at: nodeIndex, amount: integer({ min: 1, max: 30 }) }),
  record({ do: constant("give" as const), at: nodeIndex, amount: integer({ min: 1, max: 30 }) }),
  record({ do: constant("edit" as const), at: nodeIndex, limit }),
  record({ do: constant("move" as const), at: nodeIndex, to: nodeIndex }),
);

/** What is configured and claimed; every figure is derived from it at once. */
interface Naive {
  readonly parents: (number | null)[];
  readonly limits: QuotaLimit[];
  readonly claimed: number[];
}

function derived({ parents, limits, claimed }: Naive): ReadonlyMap<QuotaNodeId, QuotaLink> {
  return deriveTree(
    limits.map((own, index): QuotaNode => {
      const parent = parents[index] ?? null;
      return {
        id: id(index),
        parentId: parent === null ? null : id(parent),
        level: "department",
        limits: { VCPU: own },
        claimed: { VCPU: claimed[index] ?? 0 },
      };
    }),
  );
}

const vcpu = (tree: ReadonlyMap<QuotaNodeId, QuotaLink>) =>
  [...tree].map(([key, { parentId, figures }]) => ({ key, parentId, ...figures.VCPU }));

it("any order of claims, returns, edits and moves gives the figures that deriving anew gives", () => {
  assert(
    property(
      array(constantFrom(0, 1, 2, 3, 4, 5, 6), { minLength: COUNT, maxLength: COUNT }),
      array(limit, { minLength: COUNT, maxLength: COUNT }),
      array(command, { minLength: 1, maxLength: 30 }),
      (above, limits, commands) => {
        // Node 0 is the root; every other one hangs below an earlier one.
        const parents = above.map((wanted, index) => (index === 0 ? null : wanted % index));
        const naive: Naive = { parents, limits: [...limits], claimed: above.map(() => 0) };
        let tree = new Map(derived(naive));
        const put = (links: Iterable<QuotaLink>) => {
          for (const link of links) tree.set(link.id, link);
        };
        for (const one of commands) {
          const chain = chainOf(tree, id(one.at));
          if (one.do === "take" || one.do === "give") {
            const there = naive.claimed[one.at] ?? 0;
            const amount = one.do === "take" ? one.amount : -Math.min(one.amount, there);
            naive.claimed[one.at] = there + amount;
            put(withUsage(chain, addUsage(chain, "VCPU", amount)));
          } else if (one.do === "edit") {
            naive.limits[one.at] = one.limit;
            put(withLimit(chain, "VCPU", one.limit));
          } else if (one.at !== 0) {
            try {
              tree = withParent(tree, id(one.at), id(one.to));
              naive.parents[one.at] = one.to;
            } catch (error) {
              if (!isFault(error, "quota.cycle")) throw error;
              const below = chainOf(tree, id(one.to)).map((link) => link.id);
              expect(below).toContain(id(one.at));
            }
          }
          expect(vcpu(tree)).toEqual(vcpu(derived(naive)));
        }
      },
    ),
    { numRuns: 300 },
  );
});
