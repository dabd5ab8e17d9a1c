import { expect, it } from "vitest";
import type { FeedEvent } from "./feed-event.ts";
import { Tail } from "./tail.ts";

const position = (transactionId: number, id = 0) => ({
  transactionId: BigInt(transactionId),
  id: BigInt(id),
});
const event = (transactionId: number, id: number): FeedEvent => ({
  position: position(transactionId, id),
  at: new Date(0),
  type: "tenancy.changed",
  subjectId: `${transactionId}-${id}`,
  organizationId: null,
  organizationPath: null,
  cloudId: null,
  data: {},
});
const names = (events: readonly FeedEvent[] | null) => events?.map(({ subjectId }) => subjectId) ?? null;

it("gives each watcher exactly what comes after its place", () => {
  const tail = new Tail(position(5), 10);
  tail.append([event(5, 1), event(6, 2)], position(7));
  tail.append([event(7, 3)], position(9));
  expect(names(tail.after(position(5)))).toEqual(["5-1", "6-2", "7-3"]);
  expect(names(tail.after(position(6, 2)))).toEqual(["7-3"]);
  expect(names(tail.after(tail.head))).toEqual([]);
  expect(names(tail.after(position(99)))).toEqual([]);
});

it("says that it does not know what it has forgotten, or never read", () => {
  const tail = new Tail(position(5), 2);
  expect(tail.after(position(4, 9))).toBeNull();
  tail.append([event(5, 1), event(6, 2), event(7, 3)], position(8));
  expect(tail.after(position(5))).toBeNull();
  expect(names(tail.after(position(5, 1)))).toEqual(["6-2", "7-3"]);
});
