import { createHash, randomBytes } from "node:crypto";

/** The prefix lets secret scanners recognise a leaked token. */
const PREFIX = "yh_";

export function newSecret(): string {
  return `${PREFIX}${randomBytes(32).toString("base64url")}`;
}

/** The secret has 256 random bits, so one round of SHA-256 is enough to make the stored hash useless. */
export function secretHash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
