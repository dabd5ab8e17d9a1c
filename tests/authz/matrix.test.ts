import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROLE_NAMES } from "../../control-plane/authz/roles.ts";
import { API_ROUTES } from "../../control-plane/http/api-routes.ts";
import { METRICS_ROUTE } from "../../control-plane/http/metrics.ts";
import { isFault } from "../../control-plane/kernel/fault.ts";
import { applyProvince } from "../../control-plane/province/apply.ts";
import { type AnyVerb, authorise } from "../../control-plane/verb.ts";
import { type TestApp, testApp } from "../support/app.ts";

const GOLDEN = fileURLToPath(new URL("./matrix.golden.txt", import.meta.url));

/** The one verb that is reached from the command line only. */
const APPLY = { verb: applyProvince, method: "cli", path: "yunheng apply" };

let house: TestApp;
beforeAll(async () => {
  house = await testApp();
});
afterAll(() => house.close());

test("every route has its row, and every role is allowed or refused as the golden file says", async () => {
  const rows = await Promise.all([...API_ROUTES, METRICS_ROUTE, APPLY].map(rowOf));
  const matrix = `${[`verb | route | ${ROLE_NAMES.join(" | ")}`, ...rows.sort()].join("\n")}\n`;
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(GOLDEN, matrix);
  // A changed right is a reviewed right: UPDATE_GOLDEN=1 npx vitest run tests/authz
  expect(matrix).toBe(readFileSync(GOLDEN, "utf8"));
});

async function rowOf({
  verb,
  method,
  path,
}: {
  verb: AnyVerb;
  method: string;
  path: string;
}): Promise<string> {
  const cells = [];
  for (const role of ROLE_NAMES) cells.push(await verdict(verb, role));
  return `${verb.name} | ${method.toUpperCase()} ${path} | ${cells.join(" | ")}`;
}

async function verdict(verb: AnyVerb, role: (typeof ROLE_NAMES)[number]): Promise<string> {
  const caller = await house.callerWith([{ role }]);
  try {
    await authorise(house.app, caller, verb);
    return "allow";
  } catch (error) {
    if (isFault(error, "auth.forbidden")) return "403";
    throw error;
  }
}
