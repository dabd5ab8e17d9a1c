import { describe, expect, it } from "vitest";
import { isFault } from "../kernel/fault.ts";
import { knownId, type QuotaNodeId } from "../kernel/ids.ts";
import { QuantityError } from "../kernel/quantity.ts";
import {
  addUsage,
  addUsages,
  available,
  chainOf,
  deriveTree,
  figuresOf,
  firstShortfall,
  type QuotaLimit,
  type QuotaLink,
  type QuotaNode,
  QuotaTreeError,
  shortfalls,
} from "./tree.ts";

const id = (name: string | number): QuotaNodeId => knownId<QuotaNodeId>(String(name));

function node(
  name: string,
  parent: string | null,
  limit: Partial<QuotaLimit>,
  claimed = 0,
  level: QuotaNode["level"] = "department",
): QuotaNode {
  return {
    id: id(name),
    parentId: parent === null ? null : id(parent),
    level,
    limits: { VCPU: { nominal: 0, borrowingLimit: null, lendingLimit: null, ...limit } },
    claimed: { VCPU: claimed },
  };
}

const figuresAt = (tree: ReadonlyMap<QuotaNodeId, QuotaLink>, name: string) =>
  figuresOf(chainOf(tree, id(name))[0], "VCPU");
const availableAt = (nodes: QuotaNode[], name: string) =>
  available(chainOf(deriveTree(nodes), id(name)), "VCPU");

describe("the derived figures", () => {
  it("keep what is not lent and bubble only what exceeds it", () => {
    const tree = deriveTree([
      node("root", null, { nominal: 10 }),
      node("a", "root", { nominal: 40, lendingLimit: 15 }, 30),
      node("b", "root", { nominal: 20 }, 5),
    ]);
    expect(figuresAt(tree, "a")).toMatchObject({ localQuota: 25, subtreeQuota: 40, usage: 30 });
    expect(figuresAt(tree, "b")).toMatchObject({ localQuota: 0, subtreeQuota: 20, usage: 5 });
    expect(figuresAt(tree, "root")).toMatchObject({ subtreeQuota: 10 + 15 + 20, usage: 5 + 5 });
  });

  it("let a class without a limit draw on the parent", () => {
    const nodes = [node("root", null, { nominal: 8 }), { ...node("a", "root", {}), limits: {} }];
    expect(availableAt(nodes, "a")).toBe(8);
    expect(available(chainOf(deriveTree(nodes), id("a")), "GPU")).toBe(0);
  });

  it("refuse what is not a forest", () => {
    expect(() => deriveTree([node("a", "b", {}), node("b", "a", {})])).toThrow(QuotaTreeError);
    expect(() => deriveTree([node("a", "missing", {})])).toThrow(QuotaTreeError);
    expect(() => deriveTree([node("a", null, {}), node("a", null, {})])).toThrow(QuotaTreeError);
  });

  it("name the unknown node of a chain", () => {
    const lookUp = () => chainOf(deriveTree([]), id("nowhere"));
    expect(lookUp).toThrow(expect.objectContaining({ code: "quota.unknown_node" }));
    expect(isFault(new Error("other"), "quota.unknown_node")).toBe(false);
  });

  it("throw where a sum would be rounded", () => {
    const big = Number.MAX_SAFE_INTEGER;
    expect(() => deriveTree([node("r", null, { nominal: big }), node("a", "r", { nominal: 1 })])).toThrow(
      QuantityError,
    );
    const chain = chainOf(
      deriveTree([node("r", null, { nominal: 5 }), node("a", "r", { nominal: 1, borrowingLimit: big })]),
      id("a"),
    );
    expect(() => available(chain, "VCPU")).toThrow(QuantityError);
    expect(() => addUsage(chain, "VCPU", 0.5)).toThrow(QuantityError);
    expect(() => deriveTree([node("r", null, { nominal: -1 })])).toThrow(QuantityError);
  });
});

describe("availability", () => {
  const family = (a: Partial<QuotaLimit>, used = 0, usedBySibling = 0) => [
    node("root", null, { nominal: 0 }),
    node("a", "root", { nominal: 10, ...a }, used),
    node("b", "root", { nominal: 10 }, usedBySibling),
  ];

  it("borrows from siblings as far as the borrowing limit", () => {
    expect(availableAt(family({}), "a")).toBe(20);
    expect(availableAt(family({ borrowingLimit: 3 }), "a")).toBe(13);
    expect(availableAt(family({ borrowingLimit: 0 }), "a")).toBe(10);
    expect(availableAt(family({ borrowingLimit: 3 }, 0, 9), "a")).toBe(11);
  });

  it("does not lend beyond the lending limit", () => {
    expect(availableAt(family({ lendingLimit: 4 }), "b")).toBe(14);
    expect(availableAt(family({ lendingLimit: 0 }), "b")).toBe(10);
  });

  it("counts over-admission as negative and names it", () => {
    const nodes = family({ borrowingLimit: 0 }, 15);
    expect(availableAt(nodes, "a")).toBe(-5);
    const chain = chainOf(deriveTree(nodes), id("a"));
    expect(firstShortfall(chain, { VCPU: 2 })).toEqual({
      nodeId: "a",
      level: "department",
      dimension: "VCPU",
      limit: 10,
      used: 15,
      requested: 2,
      available: 0,
      borrowed: 5,
      frozen: false,
      missing: 7,
    });
    expect(firstShortfall(chain, { VCPU: -2 })).toBeNull();
  });

  it("blames the node whose limit binds", () => {
    const tree = deriveTree([
      node("province", null, { nominal: 100 }, 0, "province"),
      node("city", "province", { nominal: 10, borrowingLimit: 5 }, 0, "cloud"),
      node("bureau", "city", { nominal: 4, borrowingLimit: 50 }),
    ]);
    const chain = chainOf(tree, id("bureau"));
    expect(firstShortfall(chain, { VCPU: 20 })).toMatchObject({
      nodeId: "city",
      level: "cloud",
      limit: 19,
      missing: 1,
    });
    expect(shortfalls(chain, { VCPU: 19, GPU: 1 })).toMatchObject([{ nodeId: "province", dimension: "GPU" }]);
  });
});

describe("usage along a chain", () => {
  it("ends at the node whose local quota holds it", () => {
    const tree = deriveTree([
      node("root", null, { nominal: 5 }),
      node("a", "root", { nominal: 10, lendingLimit: 2 }),
    ]);
    const chain = chainOf(tree, id("a"));
    expect(addUsage(chain, "VCPU", 8).map((change) => change.nodeId)).toEqual(["a"]);
    expect(addUsage(chain, "VCPU", 11)).toEqual([
      { nodeId: "a", resourceClass: "VCPU", delta: 11, usage: 11 },
      { nodeId: "root", resourceClass: "VCPU", delta: 3, usage: 3 },
    ]);
    expect(() => addUsage(chain, "VCPU", -1)).toThrow(QuantityError);
  });

  it("takes several classes at once", () => {
    const chain = chainOf(deriveTree([node("root", null, { nominal: 5 })]), id("root"));
    expect(addUsages(chain, { GPU: 1, VCPU: 2 }).map((change) => change.resourceClass)).toEqual([
      "VCPU",
      "GPU",
    ]);
  });
});
