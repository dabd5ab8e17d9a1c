interface Stock {
  readonly total: number;
  readonly reserved: number;
}

/**
 * What a pool has once the cloud is taken at its word; null where nothing changes. The province keeps back at least what
 * it has decided to, and what the cloud keeps for itself is not given away either. Pure.
 */
export function adoptedStock(declared: Stock, observed: Stock | null): Stock | null {
  if (observed === null) return null;
  const { total } = observed;
  const reserved = Math.min(total, Math.max(declared.reserved, observed.reserved));
  return total === declared.total && reserved === declared.reserved ? null : { total, reserved };
}
