import { Refusal } from "./refusal.ts";

/** First and last address of a range, as numbers. */
export interface Range {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

export function rangeOf(cidr: string): Range {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  const numbers = (match?.slice(1) ?? []).map(Number);
  const [prefix = 33] = numbers.slice(4);
  if (match === null || numbers.slice(0, 4).some((part) => part > 255) || prefix > 32) {
    throw new Refusal("InvalidParameterValue", `Value (${cidr}) for parameter cidrBlock is invalid.`);
  }
  const address = numbers.slice(0, 4).reduce((sum, part) => sum * 256 + part, 0);
  const size = 2 ** (32 - prefix);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1, prefix };
}

export function overlap(left: Range, right: Range): boolean {
  return left.first <= right.last && right.first <= left.last;
}
