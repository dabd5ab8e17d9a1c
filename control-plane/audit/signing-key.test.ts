import { spawn } from "node:child_process";
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PrivateFileError } from "../keys/private-file.ts";
import { loadSigningKey } from "./signing-key.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "signing-key-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("the signing key", () => {
  it("is created once, for its owner only, and loaded afterwards", async () => {
    const path = join(folder, "keys", "audit.pem");
    const created = await loadSigningKey(path);
    const loaded = await loadSigningKey(path);
    expect(loaded.keyId).toBe(created.keyId);
    expect(loaded.keyId).toMatch(/^[0-9a-f]{16}$/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, "keys"))).toEqual(["audit.pem"]);
    const message = Buffer.from("checkpoint");
    expect(verify(null, message, created.publicKey, sign(null, message, loaded.privateKey))).toBe(true);
  });

  it("is one key when many start at once", async () => {
    const path = join(folder, "audit.pem");
    const keys = await Promise.all(Array.from({ length: 20 }, () => loadSigningKey(path)));
    expect(new Set(keys.map((key) => key.keyId)).size).toBe(1);
    expect(await readdir(folder)).toEqual(["audit.pem"]);
  });

  it("is one key when two processes start at once", async () => {
    const path = join(folder, "audit.pem");
    const script = `const { loadSigningKey } = await import(${JSON.stringify(new URL("signing-key.ts", import.meta.url).href)});
      console.log((await loadSigningKey(${JSON.stringify(path)})).keyId);`;
    const ids = await Promise.all([runScript(script), runScript(script)]);
    expect(ids[0]).toMatch(/^[0-9a-f]{16}\n$/);
    expect(ids[1]).toBe(ids[0]);
  });

  it.each([0o640, 0o604, 0o660])("is refused with mode %o", async (mode) => {
    const path = join(folder, "audit.pem");
    await loadSigningKey(path);
    await chmod(path, mode);
    await expect(loadSigningKey(path)).rejects.toThrow(/accessible to other users .*chmod 600/);
  });

  it("is refused when it is of another kind, and the file is left alone", async () => {
    const path = join(folder, "audit.pem");
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" });
    await writeFile(path, pem, { mode: 0o600 });
    await expect(loadSigningKey(path)).rejects.toThrow("must be Ed25519, not ec");
    expect(await readFile(path, "utf8")).toBe(pem);
  });

  it("is refused when it is damaged, never replaced by a new one", async () => {
    const path = join(folder, "audit.pem");
    await writeFile(path, "", { mode: 0o600 });
    await expect(loadSigningKey(path)).rejects.toThrow("not a private key in PEM form");
    await expect(loadSigningKey(join(path, "below-a-file"))).rejects.toThrow(PrivateFileError);
  });
});

function runScript(script: string): Promise<string> {
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  return new Promise((resolve) => child.on("close", () => resolve(output)));
}
