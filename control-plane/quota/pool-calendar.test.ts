import { describe, expect, it } from "vitest";
import { idOf, knownId, type PoolId, type QuotaNodeId } from "../kernel/ids.ts";
import { capacityRefusal, extensionRefusal } from "./hold-refusal.ts";
import { type Occupancy, outlookOf, type PoolCalendar, type Promised, tightest } from "./pool-calendar.ts";

const node = (id: string) => knownId<QuotaNodeId>(id);
const TODAY = "2027-01-10";
const CAPACITY = 100;

const promise = (id: string, of: string, amount: number, start: string, expiresAt: string): Promised => ({
  id: idOf("cmt", id),
  nodeId: node(of),
  amount,
  start,
  expiresAt,
});
const usage = (of: string, amount: number, until: string | null = null): Occupancy => ({
  nodeId: node(of),
  amount,
  until,
});

const free = (calendar: PoolCalendar, asking: string, until: string | null) =>
  tightest(outlookOf(calendar, CAPACITY, node(asking), TODAY), TODAY, until);

function refusalFor(calendar: PoolCalendar, asking: string, requested: number, until: string | null) {
  const used = calendar.occupancies.reduce((sum, { amount }) => sum + amount, 0);
  const outlook = outlookOf(calendar, CAPACITY, node(asking), TODAY);
  const room = { capacity: CAPACITY, used, held: 0, frozen: false, outlook };
  const poolId = knownId<PoolId>("p");
  return capacityRefusal(room, { poolId, dimension: "VCPU", requested, today: TODAY, until });
}

const LATER = promise("1", "a", 60, "2027-03-01", "2027-09-01");

describe("a promise that begins later", () => {
  const calendar = { promises: [LATER], occupancies: [usage("b", 30)] };

  it("leaves the capacity to whoever is gone before it begins", () => {
    expect(refusalFor(calendar, "b", 70, "2027-03-01")).toBeNull();
    expect(refusalFor(calendar, "b", 11, "2027-03-02")).toMatchObject({
      code: "capacity.promised",
      limit: 40,
      used: 30,
      missing: 1,
      fitting: 10,
      commitmentId: LATER.id,
      from: "2027-03-01",
    });
    expect(refusalFor(calendar, "b", 10, null)).toBeNull();
  });

  it("binds everybody but its owner, whose usage consumes it first", () => {
    expect(free(calendar, "a", null)).toMatchObject({ free: 70 });
    const half = { promises: [LATER], occupancies: [usage("b", 30), usage("a", 25)] };
    expect(free(half, "b", null)).toMatchObject({ used: 55, promised: 35, free: 10 });
    const beyond = { promises: [LATER], occupancies: [usage("b", 30), usage("a", 65)] };
    expect(free(beyond, "b", null)).toMatchObject({ used: 95, promised: 0, free: 5, commitmentId: null });
  });

  it("is kept although usage ends that makes room for more before it begins", () => {
    const ending = { promises: [LATER], occupancies: [usage("b", 90, "2027-02-01")] };
    expect(free(ending, "b", "2027-03-01")).toMatchObject({ day: TODAY, free: 10 });
    // From March on the pool is emptier than today, and yet it has less for others than it seems.
    expect(free(ending, "b", null)).toMatchObject({ day: TODAY, free: 10, commitmentId: null });
    const light = { promises: [LATER], occupancies: [usage("b", 20, "2027-02-01")] };
    expect(free(light, "b", null)).toMatchObject({ day: "2027-03-01", free: 40, used: 0 });
  });

  it("ends on its last day", () => {
    const over = { promises: [promise("2", "a", 60, "2026-01-01", TODAY)], occupancies: [] };
    expect(free(over, "b", null)).toMatchObject({ free: 100 });
    const second = promise("3", "b", 80, "2027-09-01", "2027-12-01");
    expect(free({ promises: [LATER, second], occupancies: [] }, "c", null)).toMatchObject({
      day: "2027-09-01",
      free: 20,
      commitmentId: second.id,
    });
  });
});

describe("an extension", () => {
  const staying = usage("b", 50, "2027-02-01");
  const calendar = { promises: [LATER], occupancies: [staying] };
  const room = {
    capacity: CAPACITY,
    used: 50,
    held: 0,
    frozen: false,
    outlook: outlookOf(calendar, CAPACITY, node("b"), TODAY),
  };
  const wanted = { poolId: knownId<PoolId>("p"), dimension: "VCPU", requested: 50 } as const;

  it("may last until the promise begins, and not beyond", () => {
    expect(extensionRefusal(room, { ...wanted, from: "2027-02-01", until: "2027-03-01" })).toBeNull();
    expect(extensionRefusal(room, { ...wanted, from: "2027-02-01", until: "2027-03-02" })).toMatchObject({
      code: "capacity.promised",
      commitmentId: LATER.id,
      from: "2027-03-01",
      missing: 10,
    });
  });

  it("of what should be gone already counts nothing twice", () => {
    const overdue = { promises: [LATER], occupancies: [usage("b", 50)] };
    const late = { ...room, outlook: outlookOf(overdue, CAPACITY, node("b"), TODAY) };
    expect(extensionRefusal(late, { ...wanted, from: null, until: "2027-02-01" })).toBeNull();
    expect(extensionRefusal(late, { ...wanted, from: null, until: "2027-04-01" })).toMatchObject({
      code: "capacity.promised",
    });
  });
});
