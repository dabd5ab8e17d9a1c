import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Config } from "../config.ts";
import { PrivateFileError, readOrCreate } from "../keys/private-file.ts";

/** The keys that credentials are sealed under: the first one seals, all of them open. */
export interface KeyRing {
  readonly current: Key;
  find(id: string): Key | undefined;
}

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * Reads the keys anew each time, so that a key that an operator adds needs no restart.
 * Without a configured place the first use makes a file with one key beside the data.
 * @throws PrivateFileError
 */
export async function readKeyRing(config: Config): Promise<KeyRing> {
  if (config.CREDENTIAL_KEYS !== undefined) return parseKeyRing(config.CREDENTIAL_KEYS, "CREDENTIAL_KEYS");
  const path = config.CREDENTIAL_KEY_FILE ?? join(config.DATA_DIR, "credential-keys");
  return parseKeyRing(await readOrCreate(path, () => `k1 ${randomBytes(32).toString("base64")}\n`), path);
}

/** One key per line or comma: its name, and 32 bytes in base64. Lines that begin with # are remarks. */
export function parseKeyRing(text: string, source: string): KeyRing {
  const lines = text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const keys = new Map<string, Key>();
  for (const [index, line] of lines.entries()) {
    const [, id, encoded] = /^([\w.-]{1,40})[ :]+([A-Za-z0-9+/]{43}=)$/.exec(line) ?? [];
    if (id === undefined || encoded === undefined) {
      throw new PrivateFileError(`${source}: key ${index + 1} is not a name and 32 bytes in base64`);
    }
    if (keys.has(id)) throw new PrivateFileError(`${source}: two keys are called ${id}`);
    keys.set(id, { id, bytes: Buffer.from(encoded, "base64") });
  }
  const [current] = keys.values();
  if (current === undefined) throw new PrivateFileError(`${source}: there is no key`);
  return { current, find: (id) => keys.get(id) };
}
