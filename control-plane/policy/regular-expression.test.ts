import { expect, it } from "vitest";
import { patternObjection } from "./regular-expression.ts";

it.each([
  "^[0-9]{11}-[0-9]{5}$",
  "mysql|redis",
  "^(kunpeng|hygon)$",
  "a.*b",
  "[*+?(]{1,9}",
  "\\)+",
  "\\\\(a)b?",
])("accepts %s", (pattern) => expect(patternObjection(pattern)).toBeNull());

it.each([
  ["(a+)+$", /group/],
  ["(a|a){20}", /group/],
  ["(a?){64}", /group/],
  ["a*a*b", /too many repeats/],
  ["a?a?a?aaa", /too many repeats/],
  ["a{0,1000}a{0,1000}b", /too many repeats/],
  ["a{1,}b+", /too many repeats/],
  ["(a)\\1", /back-references/],
  ["(?=a)b", /look-around/],
  ["[a", /class/],
  ["a".repeat(201), /200/],
])("refuses %s", (pattern, objection) => expect(patternObjection(pattern)).toMatch(objection));
