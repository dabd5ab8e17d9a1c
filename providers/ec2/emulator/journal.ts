import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { TABLE_NAMES } from "./records.ts";

const FILE_NAME = "ec2-emulator.jsonl";

const Line = z.strictObject({
  cloud: z.string().min(1),
  table: z.enum(TABLE_NAMES),
  id: z.string().min(1),
  row: z.unknown(),
});
export type Line = z.infer<typeof Line>;

/** One row per line, written before the call is answered. */
export interface Journal {
  append(line: Line): void;
  close(): void;
}

export const memoryJournal: Journal = { append: () => undefined, close: () => undefined };

/** A last line without its end was never acknowledged and is left out. */
export function readLines(dataDir: string): Line[] {
  const path = join(dataDir, FILE_NAME);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  lines.pop();
  return lines.map((line, index) => {
    try {
      return Line.parse(JSON.parse(line));
    } catch (cause) {
      throw new Error(`${FILE_NAME} line ${index + 1} is damaged`, { cause });
    }
  });
}

/** Replaces the journal by the given lines, all or nothing, and opens it for more. */
export function openJournal(dataDir: string, lines: Iterable<Line>): Journal {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, FILE_NAME);
  const fresh = `${path}.new`;
  const file = openSync(fresh, "w", 0o600);
  try {
    writeFileSync(file, [...lines].map((line) => `${JSON.stringify(line)}\n`).join(""));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
  const appending = openSync(path, "a");
  return {
    append: (line) => writeWhole(appending, Buffer.from(`${JSON.stringify(line)}\n`)),
    close: () => closeSync(appending),
  };
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done);
}
