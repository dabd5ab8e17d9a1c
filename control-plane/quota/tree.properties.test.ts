import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { knownId, type QuotaNodeId } from "../kernel/ids.ts";
import {
  addUsage,
  available,
  chainOf,
  deriveTree,
  figuresOf,
  firstShortfall,
  potentiallyAvailable,
  type QuotaChain,
  type QuotaLimit,
  type QuotaLink,
  type QuotaNode,
  withLimit,
  withUsage,
} from "./tree.ts";

const id = (name: string | number): QuotaNodeId => knownId<QuotaNodeId>(String(name));

/** The definition once more, top-down and in bigint, with nothing kept between two questions. */
class Model {
  readonly parents: (number | null)[];
  readonly limits: QuotaLimit[];
  readonly claimed: number[];

  constructor(parents: (number | null)[], limits: QuotaLimit[]) {
    this.parents = parents;
    this.limits = [...limits];
    this.claimed = parents.map(() => 0);
  }

  limit(at: number): QuotaLimit {
    return this.limits[at] ?? { nominal: 0, borrowingLimit: null, lendingLimit: null };
  }

  children(at: number): number[] {
    return this.parents.flatMap((parent, child) => (parent === at ? [child] : []));
  }

  subtree(at: number): bigint {
    return this.children(at).reduce(
      (sum, child) => sum + this.subtree(child) - this.local(child),
      BigInt(this.limit(at).nominal),
    );
  }

  local(at: number): bigint {
    const { lendingLimit } = this.limit(at);
    const kept = lendingLimit === null ? 0n : this.subtree(at) - BigInt(lendingLimit);
    return kept > 0n ? kept : 0n;
  }

  usage(at: number): bigint {
    return this.children(at).reduce(
      (sum, child) => {
        const over = this.usage(child) - this.local(child);
        return sum + (over > 0n ? over : 0n);
      },
      BigInt(this.claimed[at] ?? 0),
    );
  }

  overLimit(at: number): boolean {
    const { borrowingLimit } = this.limit(at);
    if (this.parents[at] === null) return this.usage(at) > this.subtree(at);
    return borrowingLimit !== null && this.usage(at) > this.subtree(at) + BigInt(borrowingLimit);
  }

  path(at: number): number[] {
    const parent = this.parents[at] ?? null;
    return parent === null ? [at] : [at, ...this.path(parent)];
  }

  /** Brute force: claim, and see whether a node that the claim touched is over its limit. */
  admits(at: number, amount: number): boolean {
    const before = this.path(at).map((step) => this.usage(step));
    this.claim(at, amount);
    const fits = this.path(at).every(
      (step, index) => this.usage(step) === before[index] || !this.overLimit(step),
    );
    this.claim(at, -amount);
    return fits;
  }

  claim(at: number, amount: number): void {
    this.claimed[at] = (this.claimed[at] ?? 0) + amount;
  }

  nodes(): QuotaNode[] {
    return this.parents.map((parent, at) => ({
      id: id(at),
      parentId: parent === null ? null : id(parent),
      level: "department",
      limits: { VCPU: this.limit(at) },
      claimed: { VCPU: this.claimed[at] ?? 0 },
    }));
  }
}

const limits: fc.Arbitrary<QuotaLimit> = fc.record({
  nominal: fc.nat(20),
  borrowingLimit: fc.option(fc.nat(15), { nil: null }),
  lendingLimit: fc.option(fc.nat(15), { nil: null }),
});
const models = fc.array(fc.tuple(fc.nat(100), limits), { minLength: 1, maxLength: 7 }).map(
  (rows) =>
    new Model(
      rows.map(([parent], at) => (at === 0 ? null : parent % at)),
      rows.map(([, limit]) => limit),
    ),
);
interface Step {
  readonly kind: "claim" | "release" | "edit";
  readonly at: number;
  readonly amount: number;
  readonly limit: QuotaLimit;
}
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom<Step["kind"][]>("claim", "claim", "claim", "release", "edit"),
    at: fc.nat(100),
    amount: fc.integer({ min: 1, max: 25 }),
    limit: limits,
  }),
  { maxLength: 25 },
);

/** What the ledger does: it reads one chain, decides, and writes only the changed links back. */
function writeBack(links: Map<QuotaNodeId, QuotaLink>, chain: QuotaChain): void {
  for (const link of chain) links.set(link.id, link);
}

function walk(
  model: Model,
  program: readonly Step[],
  seen: (links: ReadonlyMap<QuotaNodeId, QuotaLink>) => void,
) {
  const links = new Map(deriveTree(model.nodes()));
  for (const step of program) {
    const at = step.at % model.parents.length;
    const chain = chainOf(links, id(at));
    if (step.kind === "edit") {
      model.limits[at] = step.limit;
      writeBack(links, withLimit(chain, "VCPU", step.limit));
    } else {
      const amount = step.kind === "release" ? -Math.min(step.amount, model.claimed[at] ?? 0) : step.amount;
      if (firstShortfall(chain, { VCPU: amount }) !== null) continue;
      if (amount > 0) expect(model.admits(at, amount)).toBe(true);
      model.claim(at, amount);
      writeBack(links, withUsage(chain, addUsage(chain, "VCPU", amount)));
    }
    seen(links);
  }
}

describe("properties", () => {
  it("claims, releases and edits along chains equal a derivation from scratch and the definition", () => {
    fc.assert(
      fc.property(models, steps, (model, program) => {
        walk(model, program, (links) => {
          const derived = deriveTree(model.nodes());
          for (const at of model.parents.keys()) {
            const figures = figuresOf(chainOf(links, id(at))[0], "VCPU");
            expect(figures).toEqual(figuresOf(chainOf(derived, id(at))[0], "VCPU"));
            expect([figures.subtreeQuota, figures.localQuota, figures.usage].map(BigInt)).toEqual([
              model.subtree(at),
              model.local(at),
              model.usage(at),
            ]);
          }
        });
      }),
    );
  });

  it("available is exactly what brute force admits, unless a limit was lowered below use", () => {
    fc.assert(
      fc.property(models, steps, (model, program) => {
        walk(model, program, (links) => {
          for (const at of model.parents.keys()) {
            const room = available(chainOf(links, id(at)), "VCPU");
            if (room > 0) expect(model.admits(at, room)).toBe(true);
            if (model.path(at).some((step) => model.overLimit(step))) continue;
            expect(room).toBeGreaterThanOrEqual(0);
            expect(model.admits(at, room + 1)).toBe(false);
          }
        });
      }),
    );
  });

  it("a release undoes its claim exactly", () => {
    fc.assert(
      fc.property(
        models,
        steps,
        fc.nat(100),
        fc.integer({ min: 1, max: 60 }),
        (model, program, at, amount) => {
          walk(model, program, () => undefined);
          const chain = chainOf(deriveTree(model.nodes()), id(at % model.parents.length));
          const claimed = withUsage(chain, addUsage(chain, "VCPU", amount));
          expect(withUsage(claimed, addUsage(claimed, "VCPU", -amount))).toEqual(chain);
        },
      ),
    );
  });

  it("potentiallyAvailable is what the empty tree has available, whatever is in use", () => {
    fc.assert(
      fc.property(models, steps, (model, program) => {
        walk(model, program, () => undefined);
        const inUse = deriveTree(model.nodes());
        const empty = deriveTree(model.nodes().map((entry) => ({ ...entry, claimed: {} })));
        for (const at of model.parents.keys()) {
          const potential = potentiallyAvailable(chainOf(inUse, id(at)), "VCPU");
          expect(potential).toBe(available(chainOf(empty, id(at)), "VCPU"));
        }
      }),
    );
  });

  it("a shortfall's missing is exactly what lacks, and its figures are those of the named node", () => {
    fc.assert(
      fc.property(
        models,
        steps,
        fc.nat(100),
        fc.integer({ min: 1, max: 99 }),
        (model, program, at, amount) => {
          walk(model, program, () => undefined);
          const links = deriveTree(model.nodes());
          const chain = chainOf(links, id(at % model.parents.length));
          const shortfall = firstShortfall(chain, { VCPU: amount });
          if (shortfall === null) return;
          expect(shortfall.missing).toBe(amount - available(chain, "VCPU"));
          const below = chain.slice(
            0,
            chain.findIndex((link) => link.id === shortfall.nodeId),
          );
          // Local room below the binding node is what the claim gets without asking that node.
          const local = below.reduce((sum, link) => {
            const { localQuota, usage } = figuresOf(link, "VCPU");
            return sum + Math.max(0, localQuota - usage);
          }, 0);
          expect(shortfall.missing).toBe(shortfall.used + amount - local - shortfall.limit);
        },
      ),
    );
  });
});
