import { randomBytes } from "node:crypto";
import { link, mkdir, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/** The file cannot be used; the message tells the operator what to do. */
export class PrivateFileError extends Error {}

/** What the file holds; it is made (mode 0600, with its folder) where it is missing. Of several processes one makes it and all use it. */
export async function readOrCreate(path: string, content: () => string): Promise<string> {
  const existing = await readPrivate(path);
  if (existing !== null) return existing;
  await create(path, content());
  const created = await readPrivate(path);
  if (created === null) {
    throw new PrivateFileError(`${path}: the key file was removed while it was being created`);
  }
  return created;
}

/** Null where there is no such file. @throws PrivateFileError where others may read it */
async function readPrivate(path: string): Promise<string | null> {
  const file = await open(path, "r").catch((error: unknown) => {
    if (isErrno(error, "ENOENT")) return null;
    throw new PrivateFileError(`${path}: the key file cannot be opened`, { cause: error });
  });
  if (file === null) return null;
  try {
    // The mode of the opened file, not of a path that may have been replaced meanwhile.
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0) {
      throw new PrivateFileError(
        `${path}: the key file is accessible to other users (mode ${(mode & 0o777).toString(8).padStart(4, "0")}); ` +
          "run chmod 600 on it, and replace the key if others may have read it",
      );
    }
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

/** A complete file is linked into place: nobody sees half a key, and a name that exists is never replaced. */
async function create(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) {
      throw new PrivateFileError(`${path}: the key file cannot be created`, { cause: error });
    }
  } finally {
    await unlink(draft);
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
