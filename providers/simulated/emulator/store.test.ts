import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CloudDeclaration, declareCloud } from "./declare-cloud.ts";
import { createInstance, removeInstance } from "./instances.ts";
import { type Scene, seededChance } from "./scene.ts";
import { openStore, type Store } from "./store.ts";
import { createTenancy, removeTenancy } from "./tenancies.ts";

const OWNER = { installation: "gd", tenancyId: "ten", placementId: "plc", organizationId: "org" };
const TOTAL = { VCPU: 100, MEMORY_GIB: 1_000, BLOCK_STORAGE_GIB: 10_000 };

let folder: string;
let now: number;
const clock = { now: () => new Date(now) };
const journal = () => join(folder, "simulated-clouds.jsonl");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "simulated-"));
  now = Date.parse("2026-07-01T00:00:00Z");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function sceneIn(store: Store): Scene {
  const cloud = store.cloud("gd-01");
  if (cloud === undefined) throw new Error("no cloud");
  return { id: "gd-01", cloud, now, chance: seededChance("seed", { min: 100, max: 200 }) };
}

function declared(): Store {
  const store = openStore(folder, clock);
  const declaration = CloudDeclaration.parse({ pools: [{ name: "ext", total: TOTAL }] });
  store.commit(declareCloud("gd-01", declaration, store.cloud("gd-01")));
  return store;
}

function make(store: Store, name: string): void {
  const tenancy = {
    name,
    displayName: name,
    ownership: OWNER,
    pool: "ext",
    zone: "extranet" as const,
    quota: TOTAL,
    accessGroup: "g",
    suspended: false,
  };
  store.commit(createTenancy(sceneIn(store), tenancy, `t-${name}`).changes);
  const instance = { name: "app", ownership: OWNER, vcpu: 1, memoryGiB: 2, diskGiB: 3 };
  const image = { image: "anolis-8", architecture: "intel" };
  store.commit(createInstance(sceneIn(store), name, { ...instance, ...image }, "i").changes);
}

/** Everything that a cloud is, without what a restart may forget. What is held is added up anew. */
function contents(store: Store) {
  const { record, tenancies, instances, receipts, nextDeparture, held } = sceneIn(store).cloud;
  const all = [...instances.values()].flatMap((inside) => [...inside.values()]);
  expect(held.get("ext")?.memoryGiB).toBe(all.reduce((total, instance) => total + instance.memoryGiB, 0));
  return structuredClone({ record, tenancies, instances, receipts, nextDeparture });
}

describe("restart", () => {
  test("finds the same cloud, whatever was under way, whenever it happens", () => {
    let store = declared();
    for (const name of ["stays", "goes", "returns", "loses-one"]) make(store, name);
    now += 1_000;
    store.commit(removeTenancy(sceneIn(store), "goes").changes);
    store.commit(removeTenancy(sceneIn(store), "returns").changes);
    store.commit(removeInstance(sceneIn(store), "loses-one", "app").changes);
    for (const step of [0, 50, 50, 50, 50, 1_000]) {
      now += step;
      const before = contents(store);
      store.close();
      store = openStore(folder, clock);
      expect(contents(store)).toEqual(before);
    }
    make(store, "returns");
    const { cloud } = sceneIn(store);
    expect([...cloud.tenancies.keys()].sort()).toEqual(["loses-one", "returns", "stays"]);
    expect([...cloud.receipts.keys()].sort()).toEqual(["goes", "returns"]);
    expect(cloud.receipts.get("goes")?.volumesWiped).toBe(1);
    store.close();
    store = openStore(folder, clock);
    expect([...sceneIn(store).cloud.receipts.keys()].sort()).toEqual(["goes", "returns"]);
    store.close();
  });

  test("keeps the proof of a wiped tenancy whose name is in use again", () => {
    const store = declared();
    make(store, "t-1");
    store.commit(removeTenancy(sceneIn(store), "t-1").changes);
    now += 1_000;
    make(store, "t-1");
    const before = contents(store);
    expect(before.receipts.has("t-1")).toBe(true);
    store.close();
    const again = openStore(folder, clock);
    expect(contents(again)).toEqual(before);
    again.close();
  });

  test("compacts what has been taken back", () => {
    const store = declared();
    for (let round = 0; round < 20; round += 1) {
      make(store, "t-1");
      store.commit(removeTenancy(sceneIn(store), "t-1").changes);
      now += 1_000;
    }
    store.close();
    const grown = readFileSync(journal()).length;
    openStore(folder, clock).close();
    expect(readFileSync(journal()).length).toBeLessThan(grown / 5);
  });
});

describe("a torn write", () => {
  test("at any byte of the last line costs that call and nothing else", () => {
    let store = declared();
    make(store, "kept");
    const before = contents(store);
    const size = readFileSync(journal()).length;
    make(store, "torn");
    store.close();
    const whole = readFileSync(journal());
    const end = whole.indexOf("\n", size) + 1;
    for (let cut = size; cut < end; cut += 37) {
      writeFileSync(journal(), whole.subarray(0, cut));
      store = openStore(folder, clock);
      expect(contents(store)).toEqual(before);
      store.close();
    }
  });

  test("does not spoil what is written after the restart", () => {
    let store = declared();
    make(store, "first");
    store.close();
    truncateSync(journal(), readFileSync(journal()).length - 5);
    store = openStore(folder, clock);
    make(store, "second");
    store.close();
    store = openStore(folder, clock);
    expect(sceneIn(store).cloud.tenancies.has("second")).toBe(true);
    store.close();
  });

  test("a damaged line in the middle stops the start and is named", () => {
    const store = declared();
    store.close();
    appendFileSync(journal(), '{"at":0,"chan\n{"at":0,"changes":[]}\n');
    expect(() => openStore(folder, clock)).toThrow("simulated-clouds.jsonl line 2 is damaged");
  });
});

test("without a folder nothing is kept", () => {
  const store = openStore(null, clock);
  store.commit(declareCloud("gd-01", CloudDeclaration.parse({ pools: [] }), undefined));
  expect(store.cloudIds()).toEqual(["gd-01"]);
  expect(openStore(null, clock).cloudIds()).toEqual([]);
});
