import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { API_ROUTES } from "./api-routes.ts";
import { openApiDocument } from "./openapi.ts";

/*
 * `npm run openapi` writes the API document beside this file; with `--check` it only says whether the
 * kept document still is what the routes say, so that a change of the API is seen in review.
 */
const file = new URL("openapi.json", import.meta.url);
const current = `${JSON.stringify(openApiDocument(API_ROUTES), null, 2)}\n`;

if (!process.argv.includes("--check")) {
  writeFileSync(file, current);
} else if (!existsSync(file) || readFileSync(file, "utf8") !== current) {
  process.stderr.write(
    "http/openapi.json differs from the routes: run `npm run openapi` and review the difference\n",
  );
  process.exitCode = 1;
}
