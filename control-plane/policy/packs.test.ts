import { beforeAll, expect, it } from "vitest";
import { loadPolicies } from "./load.ts";
import type { CompiledPolicy } from "./policy-set.ts";

/** The 46 items of the cloud computing extension of GB/T 22239-2019, level 3 (8.2), by control point. */
const LEVEL_3_EXTENSION: Readonly<Record<string, string>> = {
  "8.2.1.1": "",
  "8.2.2.1": "abcde",
  "8.2.3.1": "ab",
  "8.2.3.2": "abcd",
  "8.2.3.3": "ab",
  "8.2.4.1": "",
  "8.2.4.2": "ab",
  "8.2.4.3": "abc",
  "8.2.4.4": "abc",
  "8.2.4.5": "abcd",
  "8.2.4.6": "abcd",
  "8.2.4.7": "ab",
  "8.2.5.1": "abcd",
  "8.2.6.1": "abcde",
  "8.2.6.2": "abc",
  "8.2.7.1": "",
};
/** The 29 of level 2 (7.2). */
const LEVEL_2_EXTENSION: Readonly<Record<string, string>> = {
  "7.2.1.1": "",
  "7.2.2.1": "abc",
  "7.2.3.1": "ab",
  "7.2.3.2": "abc",
  "7.2.3.3": "ab",
  "7.2.4.1": "ab",
  "7.2.4.2": "ab",
  "7.2.4.3": "abc",
  "7.2.4.4": "ab",
  "7.2.4.5": "ab",
  "7.2.5.1": "abcd",
  "7.2.5.2": "ab",
  "7.2.6.1": "",
};

let policies: readonly CompiledPolicy[];
beforeAll(async () => {
  policies = (await loadPolicies(["policies"])).policies;
});

const itemsOf = (points: Readonly<Record<string, string>>) =>
  Object.entries(points).flatMap(([point, letters]) =>
    letters === "" ? [point] : [...letters].map((letter) => point + letter),
  );

it.each([
  ["mlps-3", "8.2.", LEVEL_3_EXTENSION, 46],
  ["mlps-2", "7.2.", LEVEL_2_EXTENSION, 29],
] as const)("%s has an entry for every item of the cloud extension", (pack, chapter, points, count) => {
  const wanted = itemsOf(points);
  expect(wanted).toHaveLength(count);
  const clauses = policies
    .filter((policy) => policy.pack === pack)
    .flatMap(({ document }) => document.spec.basis)
    .filter(({ standard }) => standard === "GB/T 22239-2019")
    .flatMap(({ clause }) => (clause?.startsWith(chapter) ? [clause] : []));
  expect([...new Set(clauses)].sort()).toEqual(wanted.sort());
});

it("says why, wherever the configuration is not the whole proof", () => {
  const silent = policies.filter(
    ({ document: { spec } }) => spec.assessment !== "automatic" && spec.why === undefined,
  );
  expect(silent.map(({ document }) => document.metadata.id)).toEqual([]);
});

it("leaves admission to the pack core, and tells everybody else what to do", () => {
  const packs = policies.filter(({ pack }) => pack !== "core");
  for (const { document, subject } of packs) {
    const { id } = document.metadata;
    expect(["audit", "warn"], id).toContain(document.spec.action);
    expect(["tenancy", "resource", "cloud", "organization"], id).toContain(subject);
    expect(document.spec.remediation, id).toBeDefined();
    expect(document.spec.severity, id).toBeDefined();
  }
});
