import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

/** SM3 (GB/T 32905) is offered where a province must use national cryptography. */
export type HashAlgorithm = "sha256" | "sm3";

/** RFC 8785 JSON: equal values give equal text whatever the order of their keys. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("value has no JSON form");
  return text;
}

export function digest(text: string, algorithm: HashAlgorithm = "sha256"): string {
  return createHash(algorithm).update(text, "utf8").digest("hex");
}

export function digestOf(value: unknown, algorithm: HashAlgorithm = "sha256"): string {
  return digest(canonicalJson(value), algorithm);
}
