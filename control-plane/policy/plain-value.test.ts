import { Environment } from "@marcbachmann/cel-js";
import { expect, it } from "vitest";
import { toCel } from "./cel-facts.ts";
import { DEFAULT_FACTS } from "./default-facts.ts";
import { plainValue } from "./plain-value.ts";

const cel = new Environment();

it.each([
  ["3", 3],
  ["9007199254740993", "9007199254740993"],
  ["1.5", 1.5],
  ["1.0 / 0.0", "Infinity"],
  ['"甲"', "甲"],
  ["true", true],
  ["null", null],
  ["[1, 2]", [1, 2]],
  ["[]", []],
  ["{}", {}],
  ['{"a": [{"b": 1}]}', { a: [{ b: 1 }] }],
  ['b"hi"', "aGk="],
  ['timestamp("2026-11-20T00:00:00Z")', "2026-11-20T00:00:00.000Z"],
  ['duration("90s")', "90s"],
  ["type(1)", "Type<int>"],
])("shows %s as JSON", (expression, plain) => {
  expect(plainValue(cel.evaluate(expression))).toEqual(plain);
});

it("gives a whole object of facts back as it came", () => {
  expect(plainValue(toCel("request", DEFAULT_FACTS.request))).toEqual(DEFAULT_FACTS.request);
});
