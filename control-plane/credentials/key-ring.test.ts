import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "../config.ts";
import { parseKeyRing, readKeyRing } from "./key-ring.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "key-ring-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const keyText = () => randomBytes(32).toString("base64");
const ringFor = (environment: Record<string, string> = {}) =>
  readKeyRing(readConfig({ DATA_DIR: folder, ...environment }, {}));

describe("the ring of keys", () => {
  it("is made once beside the data, for its owner only", async () => {
    const made = await ringFor();
    expect(made.current.bytes).toHaveLength(32);
    expect((await ringFor()).current.bytes).toEqual(made.current.bytes);
    expect(statSync(join(folder, "credential-keys")).mode & 0o777).toBe(0o600);
  });

  it("seals with the first key and finds the others; an added key needs no restart", async () => {
    const path = join(folder, "ring");
    const old = keyText();
    writeFileSync(path, `k1 ${old}\n`, { mode: 0o600 });
    expect((await ringFor({ CREDENTIAL_KEY_FILE: path })).current.id).toBe("k1");
    writeFileSync(path, `# new since July\nk2 ${keyText()}\n\nk1 ${old}\n`);
    const ring = await ringFor({ CREDENTIAL_KEY_FILE: path });
    expect(ring.current.id).toBe("k2");
    expect(ring.find("k1")?.bytes.toString("base64")).toBe(old);
    expect(ring.find("k3")).toBeUndefined();
  });

  it("may come from the environment", async () => {
    const ring = await ringFor({ CREDENTIAL_KEYS: `a:${keyText()},b:${keyText()}` });
    expect([ring.current.id, ring.find("b")?.id]).toEqual(["a", "b"]);
  });

  it.each([
    ["", /there is no key/],
    ["k1", /key 1 is not a name and 32 bytes/],
    [`k1 ${keyText()}\nk2 c2hvcnQ=`, /key 2 is not/],
    [`k1 ${keyText()}\nk1 ${keyText()}`, /two keys are called k1/],
  ])("%#: what is no ring is refused, and never shown", (text, message) => {
    expect(() => parseKeyRing(text, "ring")).toThrow(message);
    for (const secret of text.match(/\S{20,}/g) ?? []) {
      expect(() => parseKeyRing(text, "ring")).not.toThrow(secret);
    }
  });

  it("is refused when others may read it", async () => {
    const path = join(folder, "ring");
    writeFileSync(path, `k1 ${keyText()}\n`, { mode: 0o644 });
    await expect(ringFor({ CREDENTIAL_KEY_FILE: path })).rejects.toThrow(/chmod 600/);
  });
});
