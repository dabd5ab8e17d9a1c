import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

/** AES-256-GCM, or where GB/T 39786 asks for domestic algorithms SM4 in CBC mode with HMAC-SM3 over the ciphertext. */
export const CIPHERS = ["aes-256-gcm", "sm4-hmac-sm3"] as const;
export type CipherName = (typeof CIPHERS)[number];

/** A secret as it is stored; binary parts in base64. */
export interface Sealed {
  readonly cipher: CipherName;
  readonly nonce: string;
  readonly ciphertext: string;
  readonly tag: string;
}

/** Thrown when a stored secret was made with another key, for another owner, or was changed. */
export class NotAuthentic extends Error {}

/** Encrypts for one owner: what is sealed for one cloud does not open for another. `key` has 32 bytes. */
export function seal(cipher: CipherName, key: Buffer, owner: string, secret: string): Sealed {
  const parts = MODES[cipher].seal(key, Buffer.from(owner), Buffer.from(secret));
  const [nonce, ciphertext, tag] = parts.map((part) => part.toString("base64")) as [string, string, string];
  return { cipher, nonce, ciphertext, tag };
}

/** @throws NotAuthentic */
export function unseal(sealed: Sealed, key: Buffer, owner: string): string {
  const [nonce, ciphertext, tag] = [sealed.nonce, sealed.ciphertext, sealed.tag].map((part) =>
    Buffer.from(part, "base64"),
  ) as Parts;
  return MODES[sealed.cipher].unseal(key, Buffer.from(owner), [nonce, ciphertext, tag]).toString();
}

type Parts = [nonce: Buffer, ciphertext: Buffer, tag: Buffer];

interface Mode {
  seal(key: Buffer, owner: Buffer, secret: Buffer): Parts;
  unseal(key: Buffer, owner: Buffer, parts: Parts): Buffer;
}

const AES: Mode = {
  seal(key, owner, secret) {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(owner);
    return [nonce, Buffer.concat([cipher.update(secret), cipher.final()]), cipher.getAuthTag()];
  },
  unseal(key, owner, [nonce, ciphertext, tag]) {
    try {
      const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 })
        .setAAD(owner)
        .setAuthTag(tag);
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    } catch (error) {
      throw new NotAuthentic("the secret does not open with this key", { cause: error });
    }
  },
};

/** The process's OpenSSL has no SM4-GCM; encrypt, then authenticate, with keys of their own, is as strong. */
const SM4: Mode = {
  seal(key, owner, secret) {
    const { encryption, authentication } = sm4Keys(key);
    const nonce = randomBytes(16);
    const cipher = createCipheriv("sm4-cbc", encryption, nonce);
    const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
    return [nonce, ciphertext, sm3Tag(authentication, owner, nonce, ciphertext)];
  },
  unseal(key, owner, [nonce, ciphertext, tag]) {
    const { encryption, authentication } = sm4Keys(key);
    const expected = sm3Tag(authentication, owner, nonce, ciphertext);
    if (tag.length !== expected.length || !timingSafeEqual(tag, expected)) {
      throw new NotAuthentic("the secret does not open with this key");
    }
    const decipher = createDecipheriv("sm4-cbc", encryption, nonce);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  },
};

const MODES: Readonly<Record<CipherName, Mode>> = { "aes-256-gcm": AES, "sm4-hmac-sm3": SM4 };

function sm4Keys(key: Buffer): { encryption: Buffer; authentication: Buffer } {
  const derived = Buffer.from(hkdfSync("sm3", key, Buffer.alloc(0), "yunheng credential", 48));
  return { encryption: derived.subarray(0, 16), authentication: derived.subarray(16) };
}

/** The owner's length comes first, so that no owner can borrow bytes from the nonce. */
function sm3Tag(key: Buffer, owner: Buffer, nonce: Buffer, ciphertext: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(owner.length);
  return createHmac("sm3", key).update(length).update(owner).update(nonce).update(ciphertext).digest();
}
