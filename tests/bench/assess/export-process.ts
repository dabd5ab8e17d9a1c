import { EVERYWHERE } from "../../../control-plane/authz/scope.ts";
import { openServer } from "../../../control-plane/db/open.ts";
import { systemClock } from "../../../control-plane/kernel/clock.ts";
import { systemIds } from "../../../control-plane/kernel/ids.ts";
import { systemCaller } from "../../../control-plane/provisioning/settle.ts";
import { COMPLIANCE_FORMATS } from "../../../control-plane/reports/compliance/formats.ts";
import { issueReport } from "../../../control-plane/reports/compliance/issue.ts";

/** `export-process.ts URL FORMAT`: makes one report in a process of its own, and prints what that took. */
const [url = "", asked = ""] = process.argv.slice(2);
const format = COMPLIANCE_FORMATS.find((name) => name === asked);
if (format === undefined) throw new Error(`no form ${asked}`);
const db = await openServer({ url, connectionsMax: 2 });
const began = performance.now();
const reader = { ...systemCaller("bench"), scope: EVERYWHERE };
const chunks = await issueReport({ db, clock: systemClock, ids: systemIds }, reader, { format });
let bytes = 0;
for await (const chunk of chunks) bytes += chunk.length;
const seconds = (performance.now() - began) / 1000;
await db.close();
const memoryMiB = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(`${JSON.stringify({ seconds, bytes, memoryMiB })}\n`);
