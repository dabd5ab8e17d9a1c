import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { embeddedImage } from "../../control-plane/db/open.ts";

/** Migrates one database and keeps it as a file that every test loads in a fraction of the time. */
export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "yunheng-image-"));
  const file = join(folder, "database.tar");
  writeFileSync(file, Buffer.from(await (await embeddedImage()).arrayBuffer()));
  project.provide("serverUrl", null);
  project.provide("imageFile", file);
  return () => rmSync(folder, { recursive: true, force: true });
}
