import { EVERYWHERE } from "../authz/scope.ts";
import type { App } from "../context.ts";
import { systemCaller } from "../provisioning/settle.ts";
import { openReport, type ReportName } from "./open-report.ts";
import type { ReportFormat } from "./report.ts";
import type { ReportFilters } from "./rows.ts";

interface ReportCommand extends ReportFilters {
  readonly name: ReportName;
  readonly format: ReportFormat;
}

/** The same report as over HTTP, of the whole province unless filtered; resolves with the exit code. */
export async function reportCommand(
  app: App,
  { name, format, ...filters }: ReportCommand,
  print: (lines: string) => void,
): Promise<number> {
  const reader = { ...systemCaller("report command"), scope: EVERYWHERE };
  const chunks = await openReport(app, reader, { name, format, filters, lineEnd: "\n" });
  for await (const chunk of chunks) print(chunk);
  return 0;
}
