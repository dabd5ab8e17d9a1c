import { promisify } from "node:util";
import { constants, gunzip, gzip } from "node:zlib";
import type { OutcomeTable } from "./outcome-table.ts";
import type { AssessedResource } from "./resource.ts";
import type { Outcome } from "./verdict.ts";

/** Results of some units, complete in itself: outcomes are numbers into its own table. */
export interface Chunk {
  readonly outcomes: readonly Outcome[];
  readonly resources: readonly AssessedResource[];
}

/** Renumbers what a whole run has numbered, so that a chunk can be read alone. */
export function chunkOf(resources: readonly AssessedResource[], table: OutcomeTable): Chunk {
  const numbers = new Map<number, number>();
  const outcomes: Outcome[] = [];
  const own = (number: number): number => {
    const known = numbers.get(number);
    if (known !== undefined) return known;
    numbers.set(number, outcomes.length);
    outcomes.push(table.at(number));
    return outcomes.length - 1;
  };
  const renumbered = resources.map(({ resource, outcomes: given }) => ({
    resource,
    outcomes: given.map(own),
  }));
  return { outcomes, resources: renumbered };
}

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** Fast rather than small: the text repeats itself so much that even so a tenth is left. */
export async function packed(text: string): Promise<Uint8Array> {
  return zip(Buffer.from(text, "utf8"), { level: constants.Z_BEST_SPEED });
}

/** What `packed` was given for a chunk; its digest is part of the run's. */
export async function unpacked(body: Uint8Array): Promise<Chunk> {
  return chunkIn((await unzip(body)).toString("utf8"));
}

/** Safe because only a finished run's chunks are read, and those cannot be changed. */
function chunkIn(text: string): Chunk {
  return JSON.parse(text) as Chunk;
}
