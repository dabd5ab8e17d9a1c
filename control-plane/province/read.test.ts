import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { smallProvince } from "./province.fixture.ts";
import { readProvince } from "./read.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "province-"));
});
afterEach(() => rm(directory, { recursive: true }));

function write(name: string, content: string | Uint8Array): Promise<void> {
  return writeFile(join(directory, name), content);
}

function refusal(file: string, reason: string) {
  return expect.objectContaining({
    code: "province.invalid",
    details: {
      problems: [expect.objectContaining({ file, reason: expect.objectContaining({ en: reason }) })],
    },
  });
}

describe("readProvince", () => {
  it("joins the documents of all YAML files and ignores everything else", async () => {
    const [first = "", ...rest] = (smallProvince()[0]?.text ?? "").split("\n---\n");
    await write("b.yaml", rest.join("\n---\n"));
    await write("a.yml", first);
    await write("README.md", "no: [yaml");
    await write(".hidden.yaml", "no: [yaml");
    const province = await readProvince(directory);
    expect(province.jurisdictions.map((j) => j.metadata.id)).toEqual(["440000", "440300"]);
  });

  it("accepts a byte order mark", async () => {
    await write("a.yaml", `\uFEFF${smallProvince()[0]?.text}`);
    expect((await readProvince(directory)).clouds).toHaveLength(1);
  });

  it("refuses a directory that is not there", async () => {
    await expect(readProvince(join(directory, "none"))).rejects.toEqual(
      refusal(join(directory, "none"), "the directory cannot be read"),
    );
  });

  it("refuses a directory without documents, which pruning would take as the wish to delete all", async () => {
    await write("a.yaml", "# later\n");
    await expect(readProvince(directory)).rejects.toEqual(
      refusal(directory, "the directory contains no document"),
    );
  });

  it("names a file that cannot be read", async () => {
    await symlink(join(directory, "nowhere"), join(directory, "a.yaml"));
    await expect(readProvince(directory)).rejects.toEqual(refusal("a.yaml", "the file cannot be read"));
  });

  it("refuses a huge file before reading it", async () => {
    await write("a.yaml", `# ${"x".repeat(1024 * 1024)}\n`);
    await expect(readProvince(directory)).rejects.toEqual(
      refusal("a.yaml", "the file exceeds 1048576 bytes"),
    );
  });

  it("refuses bytes that are not UTF-8", async () => {
    await write("a.yaml", Uint8Array.of(0x61, 0xff, 0xfe));
    await expect(readProvince(directory)).rejects.toEqual(refusal("a.yaml", "the file is not UTF-8"));
  });
});
