import type { Bench } from "./bench.ts";
import { dryRuns } from "./http/dry-runs.ts";
import { submissions } from "./http/submissions.ts";

/**
 * The whole way over HTTP: `yunheng serve`, the database and the clients are processes of their own on one machine.
 * One process that serves, and two, as any number of them may: each of them thinks on one core.
 */
export const bench: Bench = {
  async run(lab) {
    for (const replicas of lab.quick ? [1] : [1, 2]) {
      await submissions(lab, replicas);
      await dryRuns(lab, replicas);
    }
  },
};
