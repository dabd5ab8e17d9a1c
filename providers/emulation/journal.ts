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
import { dirname } from "node:path";

/**
 * One line of JSON for each change, written before the call is answered. A write that the kernel has taken survives
 * the death of the process; a power cut may cost the last calls, which an emulation can bear.
 */
export interface Journal<Line> {
  append(line: Line): void;
  close(): void;
}

export const memoryJournal: Journal<unknown> = { append: () => undefined, close: () => undefined };

/**
 * Reads every whole line. A last line without its end was never acknowledged and is left out.
 * @throws Error that names the line which `parse` does not accept
 */
export function readJournal<Line>(file: string, parse: (json: unknown) => Line): Line[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  lines.pop();
  return lines.map((line, index) => {
    try {
      return parse(JSON.parse(line));
    } catch (cause) {
      throw new Error(`${file} line ${index + 1} is damaged`, { cause });
    }
  });
}

/** Replaces the journal by the given lines, all or nothing, and opens it for more: it does not grow from start to start. */
export function startJournal<Line>(file: string, lines: Iterable<Line>): Journal<Line> {
  mkdirSync(dirname(file), { recursive: true });
  const fresh = `${file}.new`;
  const writing = openSync(fresh, "w", 0o600);
  let size = 0;
  try {
    let text = "";
    for (const line of lines) text += `${JSON.stringify(line)}\n`;
    size = writeWhole(writing, Buffer.from(text), 0);
    fsyncSync(writing);
  } finally {
    closeSync(writing);
  }
  renameSync(fresh, file);
  return appendingTo(openSync(file, "r+"), size);
}

function appendingTo<Line>(file: number, sizeAtStart: number): Journal<Line> {
  let size = sizeAtStart;
  return {
    append(line) {
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      try {
        writeWhole(file, bytes, size);
      } catch (error) {
        // Half a line in the middle would make every later line unreadable.
        ftruncateSync(file, size);
        throw error;
      }
      size += bytes.length;
    },
    close: () => closeSync(file),
  };
}

function writeWhole(file: number, bytes: Buffer, position: number): number {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
  }
  return bytes.length;
}
