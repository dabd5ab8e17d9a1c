import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { Commit } from "./changes.ts";

const FILE_NAME = "simulated-clouds.jsonl";

/**
 * One commit per line, written before the call is answered. A write that the kernel has taken survives
 * the death of the process; a power cut may cost the last calls, which a simulation can bear.
 */
export interface Journal {
  append(commit: Commit): void;
  close(): void;
}

export const memoryJournal: Journal = {
  append: () => undefined,
  close: () => undefined,
};

/** Reads every whole line. A last line without its end was never acknowledged and is left out. */
export function readCommits(dataDir: string): Commit[] {
  const path = join(dataDir, FILE_NAME);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  lines.pop();
  return lines.map((line, index) => {
    try {
      return Commit.parse(JSON.parse(line));
    } catch (cause) {
      throw new Error(`${FILE_NAME} line ${index + 1} is damaged`, { cause });
    }
  });
}

/** Replaces the journal by the given commits, all or nothing, and opens it for more. */
export function startJournal(dataDir: string, commits: Iterable<Commit>): Journal {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, FILE_NAME);
  const fresh = `${path}.new`;
  const writing = openSync(fresh, "w", 0o600);
  try {
    let lines = "";
    for (const commit of commits) lines += `${JSON.stringify(commit)}\n`;
    writeWhole(writing, Buffer.from(lines), 0);
    fsyncSync(writing);
  } finally {
    closeSync(writing);
  }
  renameSync(fresh, path);
  return appendingTo(openSync(path, "r+"), readFileSync(path).length);
}

function appendingTo(file: number, sizeAtStart: number): Journal {
  let size = sizeAtStart;
  return {
    append(commit) {
      const line = Buffer.from(`${JSON.stringify(commit)}\n`);
      try {
        writeWhole(file, line, size);
      } catch (error) {
        // Half a line in the middle would make every later line unreadable.
        ftruncateSync(file, size);
        throw error;
      }
      size += line.length;
    },
    close: () => closeSync(file),
  };
}

function writeWhole(file: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
  }
}
