import type { Bench } from "./bench.ts";
import { dryRuns } from "./http/dry-runs.ts";
import { serve } from "./http/served.ts";
import { submissions } from "./http/submissions.ts";

/** The whole way over HTTP: `yunheng serve`, the database and the clients are processes of their own on one machine. */
export const bench: Bench = {
  async run(lab) {
    const served = await serve(lab);
    try {
      await submissions(lab, served);
    } finally {
      await served.stop();
    }
    await dryRuns(lab);
  },
};
