import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { link, mkdir, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/** The Ed25519 key that signs checkpoints and exports. */
export interface SigningKey {
  readonly keyId: string;
  /** SPKI, PEM: what auditors are given. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

/** The key file cannot be used; the message tells the operator what to do. */
export class SigningKeyError extends Error {}

/** First 16 hexadecimal digits of the SHA-256 of the public key in SPKI DER form. */
export function keyIdOf(publicKey: KeyObject): string {
  const spki = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex").slice(0, 16);
}

/**
 * Reads the key file (PKCS8 PEM, mode 0600), or creates it with its folder.
 * Of several processes that start at once one creates the file and all use it.
 */
export async function loadSigningKey(path: string): Promise<SigningKey> {
  const existing = await readKeyFile(path);
  if (existing !== null) return existing;
  await createKeyFile(path);
  const created = await readKeyFile(path);
  if (created === null)
    throw new SigningKeyError(`${path}: the key file was removed while it was being created`);
  return created;
}

export function signingKeyOf(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey);
  return {
    keyId: keyIdOf(publicKey),
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
    privateKey,
  };
}

async function readKeyFile(path: string): Promise<SigningKey | null> {
  const file = await open(path, "r").catch((error: unknown) => {
    if (isErrno(error, "ENOENT")) return null;
    throw new SigningKeyError(`${path}: the key file cannot be opened`, { cause: error });
  });
  if (file === null) return null;
  try {
    // The mode of the opened file, not of a path that may have been replaced meanwhile.
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0) {
      throw new SigningKeyError(
        `${path}: the key file is accessible to other users (mode ${(mode & 0o777).toString(8).padStart(4, "0")}); ` +
          "run chmod 600 on it, and replace the key if others may have read it",
      );
    }
    return signingKeyOf(privateKeyIn(await file.readFile("utf8"), path));
  } finally {
    await file.close();
  }
}

function privateKeyIn(pem: string, path: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw new SigningKeyError(`${path}: not a private key in PEM form`, { cause: error });
  }
  if (key.asymmetricKeyType !== "ed25519") {
    throw new SigningKeyError(`${path}: the key must be Ed25519, not ${key.asymmetricKeyType}`);
  }
  return key;
}

/** A complete file is linked into place: nobody sees half a key, and a name that exists is never replaced. */
async function createKeyFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  const { privateKey } = generateKeyPairSync("ed25519");
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(privateKey.export({ type: "pkcs8", format: "pem" }));
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) {
      throw new SigningKeyError(`${path}: the key file cannot be created`, { cause: error });
    }
  } finally {
    await unlink(draft);
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
