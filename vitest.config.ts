import { readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** Test files that open a database run twice: on the embedded one and on a PostgreSQL server. */
function testsWithDatabase(): string[] {
  return ["control-plane", "tests"]
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
    )
    .filter((file) => file.endsWith(".test.ts"))
    .filter((file) =>
      /\b(testApp|openTestDatabase|openFreshDatabase|openStory)\b/.test(readFileSync(file, "utf8")),
    );
}

const ALL = ["control-plane/**/*.test.ts", "providers/**/*.test.ts", "tests/**/*.test.ts"];

export default defineConfig({
  test: {
    // Against what hangs, not against what is slow: a busy machine takes many times as long.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Two cores: more workers than that only wait for each other.
    maxWorkers: 2,
    // Files share the modules they import: nothing in them keeps state that another test could see.
    isolate: false,
    projects: [
      {
        extends: true,
        test: { name: "embedded", include: ALL, globalSetup: "tests/support/setup-embedded.ts" },
      },
      {
        extends: true,
        test: {
          name: "postgres",
          include: testsWithDatabase(),
          globalSetup: "tests/support/setup-postgres.ts",
        },
      },
    ],
  },
});
