import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { PrivateFileError, readOrCreate } from "../keys/private-file.ts";

/** The Ed25519 key that signs checkpoints and exports. */
export interface SigningKey {
  readonly keyId: string;
  /** SPKI, PEM: what auditors are given. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

/** First 16 hexadecimal digits of the SHA-256 of the public key in SPKI DER form. */
export function keyIdOf(publicKey: KeyObject): string {
  const spki = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex").slice(0, 16);
}

/** Reads the key file (PKCS8 PEM, mode 0600), or creates it with its folder. */
export async function loadSigningKey(path: string): Promise<SigningKey> {
  return signingKeyOf(privateKeyIn(await readOrCreate(path, newKey), path));
}

export function signingKeyOf(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey);
  return {
    keyId: keyIdOf(publicKey),
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
    privateKey,
  };
}

function privateKeyIn(pem: string, path: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw new PrivateFileError(`${path}: not a private key in PEM form`, { cause: error });
  }
  if (key.asymmetricKeyType !== "ed25519") {
    throw new PrivateFileError(`${path}: the key must be Ed25519, not ${key.asymmetricKeyType}`);
  }
  return key;
}

function newKey(): string {
  return generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}
