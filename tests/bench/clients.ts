/** What a number of clients, each of which waits for one answer before it asks again, got done. */
export interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Load {
  readonly clients: number;
  readonly seconds: number;
  /** Not counted: connections are opened, statements prepared, code compiled. */
  readonly warmUpSeconds: number;
}

/** Runs `ask` over and over in every client; an answer counts in the moment in which it comes. */
export async function measure(
  { clients, seconds, warmUpSeconds }: Load,
  ask: (client: number) => Promise<void>,
): Promise<Measured> {
  const from = performance.now() + warmUpSeconds * 1000;
  const until = from + seconds * 1000;
  const took: number[] = [];
  const client = async (index: number) => {
    for (;;) {
      const began = performance.now();
      if (began >= until) return;
      await ask(index);
      const ended = performance.now();
      if (ended >= from && ended < until) took.push(ended - began);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  return { perSecond: took.length / seconds, ...percentiles(took) };
}

export function percentiles(took: readonly number[]): Pick<Measured, "p50Ms" | "p99Ms"> {
  const sorted = [...took].sort((left, right) => left - right);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50Ms: rounded(at(0.5)), p99Ms: rounded(at(0.99)) };
}

/** To three digits after the point: clocks are not better than that. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
