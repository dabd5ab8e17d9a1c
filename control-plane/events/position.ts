import { fault } from "../kernel/fault.ts";

/**
 * A place in the stream. Row ids alone would not do: a transaction that began early may commit late, and its
 * rows would then stand before those that a reader has already passed. Order is by transaction, then by row.
 */
export interface Position {
  readonly transactionId: bigint;
  readonly id: bigint;
}

const XID8_MAX = 2n ** 64n - 1n;
const BIGINT_MAX = 2n ** 63n - 1n;

export function comparePositions(left: Position, right: Position): number {
  if (left.transactionId !== right.transactionId) return left.transactionId < right.transactionId ? -1 : 1;
  if (left.id === right.id) return 0;
  return left.id < right.id ? -1 : 1;
}

export function isAfter(position: Position, other: Position): boolean {
  return comparePositions(position, other) > 0;
}

/** The id of a server-sent event. */
export function formatPosition({ transactionId, id }: Position): string {
  return `${transactionId}-${id}`;
}

/** @throws http.invalid_cursor for anything that was never an event's id */
export function parsePosition(text: string): Position {
  const match = /^(\d{1,20})-(\d{1,19})$/.exec(text);
  const [, transactionId, id] = match ?? [];
  if (transactionId === undefined || id === undefined) throw fault("http.invalid_cursor");
  const position = { transactionId: BigInt(transactionId), id: BigInt(id) };
  if (position.transactionId > XID8_MAX || position.id > BIGINT_MAX) throw fault("http.invalid_cursor");
  return position;
}
