import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { FAULT_CODES } from "../../control-plane/kernel/fault-codes.ts";

/*
 * Clients switch on codes and statuses, so both are for ever. A new code: append its line to the end
 * of the golden file, as the failing test prints it. No line is ever changed or removed.
 */
const golden = readFileSync(new URL("fault-codes.golden.txt", import.meta.url), "utf8")
  .trimEnd()
  .split("\n");
const current = Object.entries(FAULT_CODES).map(([code, { status }]) => `${code} ${status}`);

it("no fault code has been renamed, removed or given another status", () => {
  expect(golden.filter((line) => !current.includes(line))).toEqual([]);
});

it("every new fault code is in fault-codes.golden.txt (append the lines listed here to its end)", () => {
  expect(current.filter((line) => !golden.includes(line))).toEqual([]);
});

it("no code is listed twice, not even with another status", () => {
  const codes = golden.map((line) => line.split(" ")[0]);
  expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
});
