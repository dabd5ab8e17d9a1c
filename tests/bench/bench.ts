import { cpus, totalmem } from "node:os";
import postgres from "postgres";
import { z } from "zod";

/** One file of this folder, `<name>.bench.ts`, exports its `bench`. */
export interface Bench {
  readonly run: (lab: Lab) => Promise<void>;
}

/** What a bench works with. */
export interface Lab {
  /** Long enough to see that it runs, too short to measure. */
  readonly quick: boolean;
  /** Whether this case was asked for, where a bench has cases that take long by themselves. */
  readonly wants: (name: string) => boolean;
  /** The URL of a new database, migrated, on a server whose commits reach the disk; all go with the server. */
  readonly newDatabase: () => Promise<string>;
  /** Prints one line. */
  readonly print: (figure: Figure) => void;
}

export const Figure = z.strictObject({
  case: z.string().min(1),
  clients: z.int().positive().optional(),
  value: z.number().nonnegative(),
  unit: z.string().min(1),
  /** The same work, done in the plainest way that is right, in the same run. */
  baseline: z.number().nonnegative().nullable(),
  /** `value / baseline`. */
  ratio: z.number().nonnegative().nullable(),
  p50Ms: z.number().nonnegative().optional(),
  p99Ms: z.number().nonnegative().optional(),
  /** Whatever else was found, such as the two figures that a growth is made of. */
  details: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
});
export type Figure = z.infer<typeof Figure>;

/** Null where the baseline got nothing done, as in a run that is too short to measure. */
export function ratioOf(value: number, baseline: number): number | null {
  return baseline === 0 ? null : Math.round((value / baseline) * 100) / 100;
}

export const Machine = z.strictObject({
  cpus: z.int().positive(),
  cpu: z.string(),
  memoryGiB: z.number().positive(),
  node: z.string(),
  /** Absent where no database takes part. */
  postgresql: z
    .strictObject({ version: z.string(), fsync: z.string(), synchronousCommit: z.string() })
    .optional(),
});
export type Machine = z.infer<typeof Machine>;

/** A line of output. */
export const Line = z.strictObject({ bench: z.string().min(1), ...Figure.shape, machine: Machine });

export async function machineOf(serverUrl: string | null): Promise<Machine> {
  const [first] = cpus();
  const here = {
    cpus: cpus().length,
    cpu: first?.model.trim() ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  if (serverUrl === null) return here;
  const client = postgres(serverUrl, { max: 1 });
  const setting = async (name: string) => {
    const [row] = await client`SELECT current_setting(${name}) AS value`;
    return String(row?.value);
  };
  try {
    return {
      ...here,
      postgresql: {
        version: await setting("server_version"),
        fsync: await setting("fsync"),
        synchronousCommit: await setting("synchronous_commit"),
      },
    };
  } finally {
    await client.end();
  }
}
