import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** The embedded database belongs to one process at a time; a second one would damage it. */
export class DirectoryInUse extends Error {
  readonly pid: number;

  constructor(directory: string, pid: number) {
    super(
      `The embedded database in ${directory} is in use by process ${pid}. Stop that process, or set DATABASE_URL.`,
    );
    this.name = "DirectoryInUse";
    this.pid = pid;
  }
}

/** Takes the lock file, also from a process that was killed; returns the release. */
export function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, "lock");
  for (;;) {
    try {
      const descriptor = openSync(file, "wx", 0o600);
      writeSync(descriptor, String(process.pid));
      closeSync(descriptor);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      const owner = ownerOf(file);
      if (owner !== null && owner !== process.pid && isAlive(owner))
        throw new DirectoryInUse(directory, owner);
      rmSync(file, { force: true });
    }
  }
}

/** The process that holds the lock file, or null when it cannot be read. */
export function lockOwner(directory: string): number | null {
  const owner = ownerOf(join(directory, "lock"));
  return owner !== null && owner !== process.pid && isAlive(owner) ? owner : null;
}

function ownerOf(file: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(file, "utf8"), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, but somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
