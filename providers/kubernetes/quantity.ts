const NANO = 10n ** 9n;
const KIBI = 1024n;

/** Powers of ten of the decimal suffixes. */
const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY: Readonly<Record<string, number>> = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 };

/** The port's units, in billionths of Kubernetes' own: cores, bytes and pieces. */
export const CORE = NANO;
export const GIB = KIBI ** 3n * NANO;
export const PIECE = NANO;

const QUANTITY = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE])([+-]?\d{1,2})|(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE])?)$/;

/**
 * A quantity such as `1500m`, `1.5Gi`, `2G` or `12e6`, in billionths and exact: a float would mistake 0.1.
 * What is finer than a billionth counts as one, as the API server does it. @throws RangeError
 */
export function nanosOf(text: string): bigint {
  const [, sign, whole = "", fraction = "", exponential, exponent, suffix = ""] = QUANTITY.exec(text) ?? [];
  if (whole === "" && fraction === "") throw new RangeError(`not a quantity: ${text}`);
  const digits = BigInt(whole + fraction);
  const power = exponential === undefined ? (DECIMAL[suffix] ?? 0) : Number(exponent);
  const scaled = digits * KIBI ** BigInt(BINARY[suffix] ?? 0);
  const shift = power + 9 - fraction.length;
  const nanos = shift >= 0 ? scaled * 10n ** BigInt(shift) : dividedUp(scaled, 10n ** BigInt(-shift));
  return sign === "-" ? -nanos : nanos;
}

/** Of nothing, zero. */
export function sumOf(quantities: Iterable<string | undefined>): bigint {
  let sum = 0n;
  for (const quantity of quantities) if (quantity !== undefined) sum += nanosOf(quantity);
  return sum;
}

/** What is there is rounded down. */
export function wholeDown(nanos: bigint, unit: bigint): number {
  return Number(nanos / unit);
}

/** What is taken is rounded up. */
export function wholeUp(nanos: bigint, unit: bigint): number {
  return Number(dividedUp(nanos, unit));
}

/** Null where it is not a whole number of units. */
export function wholeExactly(nanos: bigint, unit: bigint): number | null {
  return nanos % unit === 0n ? Number(nanos / unit) : null;
}

function dividedUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend > 0n && dividend % divisor !== 0n ? quotient + 1n : quotient;
}
