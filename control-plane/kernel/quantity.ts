/**
 * Resource classes, in OpenStack Placement's sense: the name carries the unit.
 * The order is the order in which rows are locked and columns are printed.
 */
export const RESOURCE_CLASSES = [
  "VCPU",
  "MEMORY_GIB",
  "BLOCK_STORAGE_GIB",
  "OBJECT_STORAGE_GIB",
  "PUBLIC_IPV4",
  "BANDWIDTH_MBPS",
  "GPU",
] as const;

export type ResourceClass = (typeof RESOURCE_CLASSES)[number];

/** Whole units per class; an absent class means zero. Values may be negative where a difference is meant. */
export type ResourceVector = { readonly [Class in ResourceClass]?: number | undefined };

export class QuantityError extends RangeError {}

/** Quantities above 2^53 would be rounded silently by a JavaScript number, so they are refused. */
export function assertExact(value: number): number {
  if (!Number.isSafeInteger(value)) throw new QuantityError(`not an exact whole quantity: ${value}`);
  return value;
}

export function amountOf(vector: ResourceVector, resourceClass: ResourceClass): number {
  return vector[resourceClass] ?? 0;
}

/** The classes with a quantity other than zero, in lock order. */
export function entriesOf(vector: ResourceVector): [ResourceClass, number][] {
  const entries: [ResourceClass, number][] = [];
  for (const resourceClass of RESOURCE_CLASSES) {
    const amount = amountOf(vector, resourceClass);
    if (amount !== 0) entries.push([resourceClass, amount]);
  }
  return entries;
}

export function vectorOf(entries: Iterable<readonly [ResourceClass, number]>): ResourceVector {
  const vector: { [Class in ResourceClass]?: number } = {};
  for (const [resourceClass, amount] of entries) {
    const sum = assertExact((vector[resourceClass] ?? 0) + assertExact(amount));
    vector[resourceClass] = sum;
  }
  return vector;
}

export function add(left: ResourceVector, right: ResourceVector): ResourceVector {
  return vectorOf([...entriesOf(left), ...entriesOf(right)]);
}

export function negate(vector: ResourceVector): ResourceVector {
  return vectorOf(entriesOf(vector).map(([resourceClass, amount]) => [resourceClass, -amount] as const));
}

export function subtract(left: ResourceVector, right: ResourceVector): ResourceVector {
  return add(left, negate(right));
}

/** The part of a difference that needs more room. */
export function growth(difference: ResourceVector): ResourceVector {
  return vectorOf(entriesOf(difference).filter(([, amount]) => amount > 0));
}

/** The part of a difference that frees room, as negative amounts. */
export function shrinkage(difference: ResourceVector): ResourceVector {
  return vectorOf(entriesOf(difference).filter(([, amount]) => amount < 0));
}

export function isEmpty(vector: ResourceVector): boolean {
  return entriesOf(vector).length === 0;
}

export function pick(vector: ResourceVector, classes: readonly ResourceClass[]): ResourceVector {
  return vectorOf(entriesOf(vector).filter(([resourceClass]) => classes.includes(resourceClass)));
}

export function omit(vector: ResourceVector, classes: readonly ResourceClass[]): ResourceVector {
  return vectorOf(entriesOf(vector).filter(([resourceClass]) => !classes.includes(resourceClass)));
}

/** Allocation ratios are kept in thousandths: 1.5 is 1500, so that no figure is ever a fraction. */
export const RATIO_UNIT = 1000;

/** `(total - reserved) * allocationRatio`, rounded down, as OpenStack Placement defines it. */
export function capacityOf(total: number, reserved: number, allocationRatioMilli: number): number {
  const product = (total - reserved) * allocationRatioMilli;
  // Within 2^53 the remainder and what is left without it are exact; a quotient alone could be rounded up.
  if (Number.isSafeInteger(product) && product >= 0) return (product - (product % RATIO_UNIT)) / RATIO_UNIT;
  const exact = BigInt(total - reserved) * BigInt(allocationRatioMilli);
  return assertExact(Number(exact / BigInt(RATIO_UNIT)));
}
