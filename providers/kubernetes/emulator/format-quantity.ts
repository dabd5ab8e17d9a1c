const NANO = 10n ** 9n;
const BINARY = ["Ei", "Pi", "Ti", "Gi", "Mi", "Ki"];

/** A sum in the API server's own form: bytes in the largest unit that leaves no rest, all else in thousandths. */
export function formatNanos(resource: string, nanos: bigint): string {
  const whole = nanos / NANO;
  if (/memory|storage/.test(resource) && whole > 0n && nanos % NANO === 0n) {
    const found = BINARY.map((unit, index) => ({ unit, size: 1024n ** BigInt(BINARY.length - index) })).find(
      ({ size }) => whole % size === 0n,
    );
    return found === undefined ? String(whole) : `${whole / found.size}${found.unit}`;
  }
  return nanos % NANO === 0n ? String(whole) : `${nanos / 10n ** 6n}m`;
}
