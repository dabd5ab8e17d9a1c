import { existsSync, readFileSync } from "node:fs";

/*
 * summary.js RESULTS [FAILED-STEP…]: prints `N passed, N failed[, N skipped]` from vitest's JSON results
 * and exits with 1 if anything failed. A step that failed counts as one; so does a test file that broke
 * before its first test, and a run that left no results.
 */
const [file = "", ...failedSteps] = process.argv.slice(2);
const kept = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
const files = kept?.testResults ?? [];

const of = (...states) =>
  files.flatMap((one) => one.assertionResults).filter(({ status }) => states.includes(status)).length;
const broken = files.filter(
  (one) => one.status === "failed" && !one.assertionResults.some(({ status }) => status === "failed"),
).length;

const passed = of("passed");
const failedTests = of("failed") + broken;
const skipped = of("skipped", "pending", "todo", "disabled");
// The test step has already been counted test by test, unless it failed for another reason.
const otherSteps = failedSteps.filter((step) => step !== "test" || failedTests === 0);
const nothingRan = failedSteps.length === 0 && passed === 0 && failedTests === 0 ? 1 : 0;
const failed = failedTests + otherSteps.length + nothingRan;

if (failedSteps.length > 0) process.stdout.write(`failed steps: ${failedSteps.join(", ")}\n`);
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
process.exitCode = failed > 0 ? 1 : 0;
