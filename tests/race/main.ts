import { parseArgs } from "node:util";
import { startServerDatabase } from "../support/server-database.ts";
import { OMISSIONS } from "./message.ts";
import { race } from "./race.ts";

/** `npm run test:race [-- --omit locks|keys] [--operations N]`: prints what was done, ends with 1 where anything is wrong. */
const { values } = parseArgs({
  options: {
    omit: { type: "string", default: "none" },
    operations: { type: "string", default: "20000" },
  },
});
const omit = OMISSIONS.find((name) => name === values.omit);
if (omit === undefined) throw new Error(`--omit is one of ${OMISSIONS.join(", ")}`);

const server = await startServerDatabase();
try {
  const operations = Number(values.operations);
  const report = await race(server, {
    writers: 4,
    connections: 16,
    operations,
    kills: 52,
    restarts: 3,
    omit,
  });
  const { wrong, ...done } = report;
  process.stdout.write(`${JSON.stringify(done, null, 2)}\n`);
  for (const line of wrong.slice(0, 40)) process.stdout.write(`WRONG ${line}\n`);
  process.stdout.write(wrong.length === 0 ? "nothing is wrong\n" : `${wrong.length} findings\n`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  await server.stop();
}
