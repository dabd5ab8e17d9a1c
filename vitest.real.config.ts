import { defineConfig } from "vitest/config";

/** The conformance suite against real services: `npm run test:real -- kubernetes`. */
export default defineConfig({
  test: { include: ["tests/conformance/*.real.ts"], hookTimeout: 300_000, maxWorkers: 1 },
});
