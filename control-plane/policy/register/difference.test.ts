import { expect, it } from "vitest";
import { policyOf } from "../policy.fixture.ts";
import { differenceOf, readable } from "./difference.ts";

const VALIDATIONS = (...ids: readonly string[]) =>
  `[${ids.map((id) => `{ id: ${id}, expression: pool.xinchuang, actual: 1, required: 2 }`).join(", ")}]`;

it("says what changed, was added and was left out, for people to read", () => {
  const before = policyOf({ spec: { validations: VALIDATIONS("a", "b"), match: "pool.dedicated" } });
  const after = policyOf({ version: 2, spec: { validations: VALIDATIONS("c", "a"), action: "warn" } });
  expect(readable(differenceOf(before.document, after.document))).toEqual([
    "  metadata.version: 1 -> 2",
    '  spec.action: "deny" -> "warn"',
    '- spec.match: "pool.dedicated"',
    '- spec.validations[b].actual: "1"',
    '- spec.validations[b].expression: "pool.xinchuang"',
    '- spec.validations[b].id: "b"',
    '- spec.validations[b].required: "2"',
    '+ spec.validations[c].actual: "1"',
    '+ spec.validations[c].expression: "pool.xinchuang"',
    '+ spec.validations[c].id: "c"',
    '+ spec.validations[c].required: "2"',
  ]);
});

it("says nothing of what is the same, and everything of a first version", () => {
  const { document } = policyOf();
  expect(differenceOf(document, structuredClone(document))).toEqual([]);
  expect(differenceOf(null, document).map(({ path }) => path)).toContain("spec.basis[0].standard");
});
