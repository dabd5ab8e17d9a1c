import { setTimeout as sleep } from "node:timers/promises";
import type { CallOptions } from "../port.ts";
import { givenUp } from "../wire-faults.ts";
import type { Cloud } from "./cloud.ts";

const LOOKS = 4;

/** Looks again for as long as the cloud may take to show what it has just made; undefined when it is not there. */
export async function settled<Value>(
  { connection }: Cloud,
  look: () => Promise<Value | undefined>,
  options: CallOptions | undefined,
): Promise<Value | undefined> {
  for (let left = LOOKS; left > 0; left -= 1) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(connection.settleMs / LOOKS, options?.signal);
  }
  return look();
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw givenUp(error);
  }
}
