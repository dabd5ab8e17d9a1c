import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amountOf, entriesOf, RESOURCE_CLASSES } from "../kernel/quantity.ts";
import { deriveTree, figuresOf, type QuotaNode } from "../quota/tree.ts";
import type { Candidate } from "./candidate.ts";
import { applyOption } from "./change.ts";
import { demandOf, type Part, partsOf } from "./demand.ts";
import { distanceKm, sameCity } from "./geography.ts";
import type { Verdict } from "./judge.ts";
import { place } from "./place.ts";
import { DEFAULT_PREFERENCES } from "./preferences.ts";
import {
  inventoriesOf,
  limitsOf,
  type PoolInput,
  quotaNodesOf,
  type RequestInput,
  requestOf,
  snapshotOf,
  strict,
  type WorldInput,
} from "./snapshot.fixture.ts";
import type { PlacementSnapshot, SnapshotCloud, SnapshotInventory, SnapshotPool } from "./snapshot.ts";

const CLOUDS = [
  { id: "gz" },
  { id: "prov", tier: "provincial", jurisdiction: "440000", mlpsLevel: 2 },
  { id: "sz", jurisdiction: "440300" },
  { id: "health", tier: "industry", jurisdiction: "440100", sector: "health", mlpsLevel: 1 },
] as const;

const inventory: fc.Arbitrary<Partial<SnapshotInventory>> = fc.record({
  total: fc.integer({ min: 60, max: 160 }),
  reserved: fc.nat(30),
  used: fc.nat(40),
  held: fc.nat(10),
  allocationRatioMilli: fc.constantFrom(1000, 1500),
  minUnit: fc.constantFrom(1, 1, 1, 8),
  maxUnit: fc.constantFrom(1000, 1000, 48),
  stepSize: fc.constantFrom(1, 1, 1, 1, 4, 9),
});
const pools: fc.Arbitrary<PoolInput[]> = fc
  .array(
    fc.record({
      cloud: fc.constantFrom("gz", "gz", "gz", "prov", "sz", "sz", "sz", "health"),
      zone: fc.constantFrom("internet", "extranet", "extranet", "extranet", "dedicated"),
      architecture: fc.constantFrom("kunpeng", "kunpeng", "hygon"),
      faultDomain: fc.constantFrom("east", "west"),
      status: fc.constantFrom("active", "active", "active", "active", "suspended"),
      scarce: fc.tuple(inventory, inventory, inventory),
    }),
    { minLength: 4, maxLength: 10 },
  )
  .map((rows) =>
    rows.map(({ scarce, ...row }, at) => {
      const inventories = inventoriesOf({
        VCPU: scarce[0],
        BLOCK_STORAGE_GIB: scarce[1],
        PUBLIC_IPV4: scarce[2],
      });
      return { id: `p${at}`, inventories, ...row } as const;
    }),
  );
const limits = fc.record({
  nominal: fc.nat(60),
  borrowingLimit: fc.option(fc.nat(60), { nil: null }),
  lendingLimit: fc.option(fc.nat(40), { nil: null }),
});
const worlds: fc.Arbitrary<WorldInput> = fc
  .record({
    pools,
    root: fc.oneof(fc.integer({ min: 10, max: 80 }), fc.integer({ min: 80, max: 300 })),
    own: limits,
    other: limits,
    department: limits,
    claimed: fc.nat(30),
    withoutQuota: fc.constantFrom([], [], [], ["sz"]),
  })
  .map(({ pools: rows, root, own, other, department, claimed, withoutQuota }) => ({
    clouds: CLOUDS,
    pools: rows,
    limits: {
      province: limitsOf({ nominal: root }),
      gz: limitsOf(own),
      sz: limitsOf(other),
      "gz/dept": limitsOf(department),
    },
    claimed: { "gz/dept": { VCPU: claimed, BLOCK_STORAGE_GIB: claimed } },
    withoutQuota,
  }))
  // Nobody is over a limit to begin with, so that a node over its limit afterwards is the plan's doing.
  .filter((world) => overLimit(quotaNodesOf(world)).length === 0);
const amount = (max: number) =>
  fc.oneof({ weight: 2, arbitrary: fc.nat(max) }, { weight: 5, arbitrary: fc.constantFrom(0, 12, 24, 36) });
const requests = fc
  .record<RequestInput>({
    zones: fc.constantFrom(["extranet"], ["extranet"], ["dedicated"], ["internet", "extranet"]),
    resources: fc.record({ VCPU: amount(80), BLOCK_STORAGE_GIB: amount(80), PUBLIC_IPV4: amount(40) }),
    requirements: fc.record({
      architectures: fc.constantFrom([], [], ["kunpeng"], ["hygon", "kunpeng"]),
      cloudIds: fc.constantFrom([], [], [], ["gz"], ["health", "prov"]),
    }),
    recovery: fc.constantFrom<NonNullable<RequestInput["recovery"]>[]>(
      { class: "none" },
      { class: "none" },
      { class: "remote", pairJurisdiction: "440300" },
      { class: "same_city" },
    ),
  })
  .map(requestOf);

function overLimit(nodes: readonly QuotaNode[]): string[] {
  return [...deriveTree(nodes).values()].flatMap((link) =>
    RESOURCE_CLASSES.flatMap((name) => {
      const { usage, subtreeQuota, borrowingLimit } = figuresOf(link, name);
      if (link.parentId === null) return usage > subtreeQuota ? [link.id] : [];
      return borrowingLimit !== null && usage > subtreeQuota + borrowingLimit ? [link.id] : [];
    }),
  );
}

interface Seat {
  readonly part: Part;
  readonly cloud: SnapshotCloud;
  readonly pool: SnapshotPool;
}

/** The rules once more, told over a whole combination and with the whole quota tree instead of chains. */
function combinationFits(snapshot: PlacementSnapshot, nodes: readonly QuotaNode[], seats: readonly Seat[]) {
  const [home] = seats;
  if (home === undefined) return false;
  const { requirements, recovery } = home.part.request;
  if (requirements.cloudIds.length > 0 && !requirements.cloudIds.includes(home.cloud.id)) return false;
  if (home.cloud.id === "sz") return false;
  const copy = seats.find(({ part }) => part.role === "recovery");
  const edge = seats.find(({ part }) => part.role === "edge");
  if (edge !== undefined && edge.cloud !== home.cloud) return false;
  if (copy !== undefined) {
    const apart = copy.cloud !== home.cloud || copy.pool.faultDomain !== home.pool.faultDomain;
    const [from, to] = [home.cloud.facts.jurisdiction, copy.cloud.facts.jurisdiction];
    const remote = copy.cloud !== home.cloud && sameCity(to, recovery.pairJurisdiction);
    if (recovery.class === "remote" ? !remote : !apart || !sameCity(from, to)) return false;
  }
  const claimed = new Map(nodes.map((node) => [String(node.id), node.claimed]));
  for (const { part, cloud, pool } of seats) {
    if (pool.status !== "active" || pool.facts.zone !== part.zone || cloud.quotaChain === null) return false;
    const wanted = requirements.architectures;
    if (part.role !== "edge" && wanted.length > 0 && !wanted.includes(pool.facts.architecture)) return false;
    for (const [name, amount] of entriesOf(part.amounts)) {
      const row = pool.inventories[name];
      if (row === undefined) return false;
      const capacity = Math.floor(((row.total - row.reserved) * row.allocationRatioMilli) / 1000);
      if (row.used + row.held + amount > capacity) return false;
      if (amount < row.minUnit || amount > row.maxUnit || amount % row.stepSize !== 0) return false;
      const leaf = `${cloud.id}/dept`;
      const before = claimed.get(leaf) ?? {};
      claimed.set(leaf, { ...before, [name]: amountOf(before, name) + amount });
    }
    const copyFacts = copy?.cloud.facts;
    const verdict = strict({
      today: "",
      request: part.request,
      organization: snapshot.organization,
      cloud: cloud.facts,
      pool: { ...pool.facts, reservePercent: reserveOf(part, pool) },
      recovery: {
        cloudId: "",
        poolId: "",
        jurisdiction: copyFacts?.jurisdiction ?? "",
        country: "",
        distanceKm: distanceKm(
          snapshot.jurisdictions,
          home.cloud.facts.jurisdiction,
          copyFacts?.jurisdiction ?? "",
        ),
        mlpsLevel: 0,
      },
      part: { role: "primary" },
      fit: { capacity: true, quota: true },
    });
    if (verdict.denied.length > 0) return false;
  }
  return overLimit(nodes.map((node) => ({ ...node, claimed: claimed.get(node.id) ?? {} }))).length === 0;
}

function reserveOf(part: Part, pool: SnapshotPool): number {
  const shares = entriesOf(part.amounts).map(([name]) => {
    const row = pool.inventories[name];
    return row === undefined ? 100 : Math.floor((100 * row.reserved) / row.total);
  });
  return Math.min(100, ...shares);
}

function seatsIn(snapshot: PlacementSnapshot, part: Part, poolId?: string): Seat[] {
  return snapshot.pools.flatMap((pool) => {
    const cloud = snapshot.clouds.find(({ id }) => id === pool.cloudId);
    return cloud === undefined || (poolId !== undefined && pool.id !== poolId) ? [] : [{ part, cloud, pool }];
  });
}

/** Every pool that some combination can have its primary in. */
function primariesByBruteForce(world: WorldInput, snapshot: PlacementSnapshot, parts: readonly Part[]) {
  const nodes = quotaNodesOf(world);
  let combinations: Seat[][] = [[]];
  for (const part of parts) {
    const seats = seatsIn(snapshot, part);
    combinations = combinations.flatMap((combination) => seats.map((seat) => [...combination, seat]));
  }
  const fitting = combinations.filter((combination) => combinationFits(snapshot, nodes, combination));
  return new Set(fitting.flatMap(([home]) => (home === undefined ? [] : [home.pool.id])));
}

const primaryOf = ({ parts }: Candidate<Verdict>) => parts[0]?.poolId;
const decide = (snapshot: PlacementSnapshot, request: ReturnType<typeof requestOf>) =>
  place(snapshot, request, strict, DEFAULT_PREFERENCES);

describe("properties of place", () => {
  it("every candidate fits, and every pool that could take the primary is one", () => {
    fc.assert(
      fc.property(worlds, requests, (world, request) => {
        const snapshot = snapshotOf(world);
        const { candidates } = decide(snapshot, request);
        const parts = partsOf(demandOf(request));
        const nodes = quotaNodesOf(world);
        for (const candidate of candidates) {
          const seats = candidate.parts.flatMap(({ role, poolId }) =>
            parts.filter((part) => part.role === role).flatMap((part) => seatsIn(snapshot, part, poolId)),
          );
          expect(seats).toHaveLength(parts.length);
          expect(combinationFits(snapshot, nodes, seats)).toBe(true);
        }
        expect(new Set(candidates.map(primaryOf))).toEqual(primariesByBruteForce(world, snapshot, parts));
      }),
      { numRuns: 1000 },
    );
  });

  it("counts what system, edge and copy take from the quota of the whole province together", () => {
    const narrow = fc.record({
      root: fc.nat(80),
      gz: limits,
      sz: limits,
      storage: fc.integer({ min: 1, max: 40 }),
    });
    let refused = 0;
    fc.assert(
      fc.property(narrow, ({ root, gz, sz, storage }) => {
        const world: WorldInput = {
          clouds: CLOUDS,
          pools: ["gz", "sz"].map((cloud) => ({ id: cloud, cloud })),
          limits: { province: limitsOf({ nominal: root }), gz: limitsOf(gz), sz: limitsOf(sz) },
        };
        const snapshot = snapshotOf(world);
        const recovery = { class: "remote", pairJurisdiction: "440300" } as const;
        const request = requestOf({ resources: { BLOCK_STORAGE_GIB: storage }, recovery });
        const fitting = primariesByBruteForce(world, snapshot, partsOf(demandOf(request)));
        const { candidates } = decide(snapshot, request);
        expect(new Set(candidates.map(primaryOf))).toEqual(fitting);
        if (fitting.size === 0) refused += 1;
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(20);
  });

  it("every pool is a candidate or has a reason, its own or its cloud's, and the figures add up", () => {
    fc.assert(
      fc.property(worlds, requests, (world, request) => {
        const snapshot = snapshotOf(world);
        const { candidates, refusals } = decide(snapshot, request);
        const taken = new Set(candidates.map(primaryOf));
        for (const pool of snapshot.pools) {
          const reasons = refusals.filter(
            ({ cloudId, poolId }) => poolId === pool.id || (poolId === null && cloudId === pool.cloudId),
          );
          expect(taken.has(pool.id) || reasons.length > 0).toBe(true);
        }
        for (const { code, limit, used, held, missing, required, actual } of refusals) {
          if (code === "capacity.insufficient") {
            expect(Number(used) + Number(held) + Number(required) - Number(limit)).toBe(missing);
          }
          if (code === "quota.exceeded") {
            expect(held).toBe(0);
            expect(Number(required) - Number(actual)).toBe(missing);
          }
          if (limit !== null) expect(missing).toBeGreaterThan(0);
        }
      }),
    );
  });

  it("does not depend on the order of the snapshot", () => {
    fc.assert(
      fc.property(worlds, requests, fc.infiniteStream(fc.nat()), (world, request, numbers) => {
        const snapshot = snapshotOf(world);
        const shuffled = <Item>(items: readonly Item[]) =>
          items
            .map((item) => ({ item, at: numbers.next().value ?? 0 }))
            .sort((left, right) => left.at - right.at)
            .map(({ item }) => item);
        const other = { ...snapshot, clouds: shuffled(snapshot.clouds), pools: shuffled(snapshot.pools) };
        expect(decide(other, request)).toEqual(decide(snapshot, request));
      }),
    );
  });

  it("what the smallest change proposes fits when it is asked for", () => {
    let proposed = 0;
    fc.assert(
      fc.property(worlds, requests, (world, request) => {
        const snapshot = snapshotOf(world);
        const { candidates, smallestChange } = decide(snapshot, request);
        if (candidates.length > 0) expect(smallestChange).toBeNull();
        for (const option of smallestChange?.options ?? []) {
          proposed += 1;
          expect(option.changes.length).toBeGreaterThan(0);
          expect(decide(snapshot, applyOption(request, option)).candidates.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
    expect(proposed).toBeGreaterThan(20);
  });

  it("of a single amount that is too large, the proposal keeps as much as fits anywhere", () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 1, max: 60 }), (world, VCPU) => {
        const snapshot = snapshotOf(world);
        const permissive = () => ({ denied: [] });
        const ask = (amount: number) =>
          place(snapshot, requestOf({ resources: { VCPU: amount } }), permissive, DEFAULT_PREFERENCES);
        const { candidates, smallestChange } = ask(VCPU);
        if (candidates.length > 0) return;
        const below = Array.from({ length: VCPU - 1 }, (_, at) => VCPU - 1 - at);
        const most = below.find((amount) => ask(amount).candidates.length > 0);
        const change = smallestChange?.options
          .flatMap(({ changes }) => changes)
          .find(({ kind }) => kind === "amount");
        if (most === undefined) expect(change === undefined || Number(change.to) > VCPU).toBe(true);
        // A step up may be nearer than the step down.
        else expect(change?.to === most || Math.abs(Number(change?.to) - VCPU) <= VCPU - most).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it("is asked of worlds in which some requests fit and some do not", () => {
    const sizes = fc
      .sample(fc.tuple(worlds, requests), { numRuns: 300, seed: 7 })
      .map(([world, request]) => decide(snapshotOf(world), request).candidates.length);
    expect(sizes.filter((size) => size === 0).length).toBeGreaterThan(40);
    expect(sizes.filter((size) => size > 0).length).toBeGreaterThan(40);
  });
});
