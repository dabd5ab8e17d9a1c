import { describe, expect, it } from "vitest";
import { knownId, type QuotaNodeId } from "../kernel/ids.ts";
import { excessesOf, newExcesses } from "./excess.ts";
import { deriveTree, type QuotaLimit } from "./tree.ts";

const none: QuotaLimit = { nominal: 0, borrowingLimit: null, lendingLimit: null };

/** A root with one department below it; quantities are of VCPU. */
function tree(root: Partial<QuotaLimit>, department: Partial<QuotaLimit>, claimed: number) {
  const node = (id: string, parent: string | null, limit: Partial<QuotaLimit>, own: number) => ({
    id: knownId<QuotaNodeId>(id),
    parentId: parent === null ? null : knownId<QuotaNodeId>(parent),
    level: parent === null ? ("province" as const) : ("department" as const),
    limits: { VCPU: { ...none, ...limit } },
    claimed: { VCPU: own },
  });
  return deriveTree([node("root", null, root, 0), node("leaf", "root", department, claimed)]);
}

describe("who is over", () => {
  it("nobody, where what is borrowed is there", () => {
    expect(excessesOf(tree({ nominal: 10 }, { nominal: 5 }, 15))).toEqual([]);
    expect(excessesOf(tree({ nominal: 10 }, { nominal: 5, borrowingLimit: 3 }, 8))).toEqual([]);
  });

  it("the node beyond its own borrowing limit", () => {
    expect(excessesOf(tree({ nominal: 10 }, { nominal: 5, borrowingLimit: 3 }, 9))).toEqual([
      { nodeId: "leaf", level: "department", dimension: "VCPU", limit: 8, used: 9, missing: 1 },
    ]);
  });

  it("the root, where a node without a limit borrows more than there is", () => {
    expect(excessesOf(tree({ nominal: 2 }, { nominal: 5 }, 9))).toEqual([
      { nodeId: "root", level: "province", dimension: "VCPU", limit: 7, used: 9, missing: 2 },
    ]);
  });

  it("the root's borrowing limit means nothing", () => {
    expect(excessesOf(tree({ nominal: 2, borrowingLimit: 100 }, { nominal: 5 }, 9))).toHaveLength(1);
  });
});

describe("who is newly over", () => {
  const over = tree({ nominal: 2 }, { nominal: 5 }, 9);

  it("not whoever was over already, by as much or more", () => {
    expect(newExcesses(over, over)).toEqual([]);
    expect(newExcesses(over, tree({ nominal: 3 }, { nominal: 5 }, 9))).toEqual([]);
  });

  it("but whoever is over further", () => {
    expect(newExcesses(over, tree({ nominal: 1 }, { nominal: 5 }, 9))).toMatchObject([{ missing: 3 }]);
  });
});
