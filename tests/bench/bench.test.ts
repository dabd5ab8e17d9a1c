import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { Line } from "./bench.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

/** One without a database and one with; the others take longer than a test may. */
const BENCHES = [["decide"], ["claims", "--only", "8 clients"]];

/** That a bench runs and says what it should; how fast it was is no matter here. */
describe("npm run bench -- --quick", () => {
  test.each(BENCHES)("%s prints lines with a figure each", async (name, ...options) => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--import",
      "tsx",
      MAIN,
      name,
      "--quick",
      ...options,
    ]);
    const lines = stdout.trim().split("\n");
    for (const line of lines) expect(Line.parse(JSON.parse(line)).bench).toBe(name);
  });
});
