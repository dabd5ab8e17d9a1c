import { join } from "node:path";
import { z } from "zod";

/** What the process that carries a command out says to the one where it was typed, one message a line. */
export const Received = z.union([
  z.strictObject({ line: z.string() }),
  z.strictObject({ complaint: z.string() }),
  z.strictObject({ exitCode: z.int() }),
]);
export type Received = z.infer<typeof Received>;

export function socketPath(dataDir: string): string {
  return join(dataDir, "commands.sock");
}
