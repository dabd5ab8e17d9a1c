import type { TestProject } from "vitest/node";
import { startServerDatabase } from "./server-database.ts";

/** Starts one server for all tests of the project and takes it away afterwards. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServerDatabase();
  project.provide("serverUrl", server.url);
  project.provide("imageFile", null);
  return () => server.stop();
}
