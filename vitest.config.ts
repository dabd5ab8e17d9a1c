import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["control-plane/**/*.test.ts", "providers/**/*.test.ts", "tests/**/*.test.ts"] },
});
