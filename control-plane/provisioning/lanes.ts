import type { CloudId } from "../kernel/ids.ts";

/** A cloud that a job has to do with. */
export interface Station {
  readonly cloudId: CloudId;
  /** False where the last probe got no answer. */
  readonly reachable: boolean;
}

/** What one cloud may take of a worker, so that those that hang leave room for the others. */
const LANES_PER_CLOUD = 6;

/** One that does not answer gets as much as shows when it does again. */
const LANES_OUT_OF_REACH = 1;

/** Four clouds may hang before the first probe has told, and more than a dozen afterwards. */
export const LANES = 24;

/** When a job that found no lane tries again, in seconds: soon, but not again and again at a cloud that is away. */
export function laterAt(stations: readonly Station[]): number {
  return stations.every(({ reachable }) => reachable) ? 2 : 30;
}

/** Takes a lane at every cloud of a job, or none; what it answers gives them back. */
export type Enter = (stations: readonly Station[]) => (() => void) | null;

export function cloudLanes(): Enter {
  const taken = new Map<CloudId, number>();
  const isFree = ({ cloudId, reachable }: Station) =>
    (taken.get(cloudId) ?? 0) < (reachable ? LANES_PER_CLOUD : LANES_OUT_OF_REACH);
  const change = (stations: readonly Station[], by: 1 | -1) => {
    for (const { cloudId } of stations) taken.set(cloudId, (taken.get(cloudId) ?? 0) + by);
  };
  return (stations) => {
    if (!stations.every(isFree)) return null;
    change(stations, 1);
    return () => change(stations, -1);
  };
}
