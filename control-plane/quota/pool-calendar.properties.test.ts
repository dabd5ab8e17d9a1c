import { array, assert, constant, integer, oneof, property, record } from "fast-check";
import { expect, it } from "vitest";
import { idOf, knownId, type QuotaNodeId } from "../kernel/ids.ts";
import { type Occupancy, outlookOf, type Promised, tightest } from "./pool-calendar.ts";

const DAYS = 20;
const dayOf = (index: number) => `2027-01-${String(index + 1).padStart(2, "0")}`;
const nodeOf = (index: number) => knownId<QuotaNodeId>(`n${index}`);
const node = integer({ min: 0, max: 3 }).map(nodeOf);
const amount = integer({ min: 1, max: 30 });
const day = integer({ min: 0, max: DAYS - 1 });

const occupancy = record({ nodeId: node, amount, until: oneof(constant(null), day.map(dayOf)) });
const promised = record({
  id: integer().map((id) => idOf("cmt", String(id))),
  nodeId: node,
  amount,
  from: day,
  days: integer({ min: 1, max: DAYS }),
}).map(
  ({ from, days, ...rest }): Promised => ({
    ...rest,
    start: dayOf(from),
    expiresAt: dayOf(Math.min(DAYS, from + days)),
  }),
);

/** Day by day and node by node, as one would do it with pencil and paper. */
function freeOn(
  occupancies: readonly Occupancy[],
  promises: readonly Promised[],
  capacity: number,
  asking: QuotaNodeId,
  at: string,
): number {
  let free = capacity;
  for (let index = 0; index <= 3; index += 1) {
    const one = nodeOf(index);
    const used = occupancies
      .filter(({ nodeId, until }) => nodeId === one && (until === null || at < until))
      .reduce((sum, entry) => sum + entry.amount, 0);
    const owed = promises
      .filter(({ nodeId, start, expiresAt }) => nodeId === one && start <= at && at < expiresAt)
      .reduce((sum, entry) => sum + entry.amount, 0);
    free -= one === asking ? used : Math.max(used, owed);
  }
  return free;
}

it("the least that there is on any day of an interval is what day-by-day counting finds", () => {
  assert(
    property(
      array(occupancy, { maxLength: 8 }),
      array(promised, { maxLength: 6 }),
      node,
      day,
      integer({ min: 1, max: DAYS }),
      (occupancies, promises, asking, from, days) => {
        const capacity = 100;
        const until = Math.min(DAYS, from + days);
        const counted = [];
        for (let at = from; at < until; at += 1)
          counted.push(freeOn(occupancies, promises, capacity, asking, dayOf(at)));
        const outlook = outlookOf({ occupancies, promises }, capacity, asking, dayOf(from));
        const found = tightest(outlook, dayOf(from), dayOf(until));
        expect(found?.free).toBe(Math.min(...counted));
      },
    ),
    { numRuns: 1000 },
  );
});
