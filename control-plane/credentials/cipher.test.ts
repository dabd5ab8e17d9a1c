import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CIPHERS, NotAuthentic, seal, unseal } from "./cipher.ts";

const key = randomBytes(32);
const SECRET = JSON.stringify({ password: "口令 p@ss" });

describe.each(CIPHERS)("%s", (cipher) => {
  it("gives back what was sealed, and never looks the same twice", () => {
    const [one, two] = [seal(cipher, key, "guangzhou", SECRET), seal(cipher, key, "guangzhou", SECRET)];
    expect(unseal(one, key, "guangzhou")).toBe(SECRET);
    expect(one.ciphertext).not.toBe(two.ciphertext);
    expect(Buffer.from(one.ciphertext, "base64").toString("latin1")).not.toContain("p@ss");
    expect(unseal(seal(cipher, key, "", ""), key, "")).toBe("");
  });

  it("does not open with another key, for another owner, or when a bit has changed", () => {
    const sealed = seal(cipher, key, "guangzhou", SECRET);
    expect(() => unseal(sealed, randomBytes(32), "guangzhou")).toThrow(NotAuthentic);
    expect(() => unseal(sealed, key, "shenzhen")).toThrow(NotAuthentic);
    for (const part of ["nonce", "ciphertext", "tag"] as const) {
      const bytes = Buffer.from(sealed[part], "base64");
      bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
      expect(() => unseal({ ...sealed, [part]: bytes.toString("base64") }, key, "guangzhou")).toThrow(
        NotAuthentic,
      );
      expect(() => unseal({ ...sealed, [part]: "" }, key, "guangzhou")).toThrow(NotAuthentic);
    }
  });
});

it("a secret sealed with one cipher does not open with the other", () => {
  const sealed = seal("aes-256-gcm", key, "guangzhou", SECRET);
  expect(() => unseal({ ...sealed, cipher: "sm4-hmac-sm3" }, key, "guangzhou")).toThrow(NotAuthentic);
});
