import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { ROLE_NAMES, ROLE_PERMISSIONS } from "../authz/roles.ts";
import { policyJsonSchema } from "./json-schema.ts";
import { APPROVING_ROLES } from "./schema.ts";

it("knows exactly the roles that may approve", () => {
  const approving = ROLE_NAMES.filter((role) => ROLE_PERMISSIONS[role].includes("request.approve"));
  expect(approving).toEqual([...APPROVING_ROLES]);
});

it("is what policies/schema.json says", async () => {
  const stored: unknown = JSON.parse(await readFile("policies/schema.json", "utf8"));
  expect(stored).toEqual(JSON.parse(policyJsonSchema()));
});
