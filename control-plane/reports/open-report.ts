import { record } from "../audit/record.ts";
import type { Scope } from "../authz/scope.ts";
import type { App, Caller } from "../context.ts";
import { allocationReport } from "./allocations.ts";
import { type ReportFormat, written } from "./report.ts";
import type { ReportFilters } from "./rows.ts";

export type ReportName = "allocations";

export interface ReportOrder {
  readonly name: ReportName;
  readonly format: ReportFormat;
  readonly filters: ReportFilters;
  readonly lineEnd: string;
}

interface Reader extends Caller {
  readonly scope: Scope;
}

/** Writes down who reads, in a transaction of its own, and only then begins: a reading that breaks off is recorded too. */
export async function openReport(
  app: App,
  { scope, ...caller }: Reader,
  { name, format, filters, lineEnd }: ReportOrder,
): Promise<AsyncGenerator<string>> {
  const reading = { action: "report.read", targetType: "report", targetId: name } as const;
  const context = { ...caller, clock: app.clock, ids: app.ids };
  await app.db.withTx((tx) => record(tx, context, [{ ...reading, after: { format, ...filters } }]));
  return written(allocationReport(app, scope, filters), format, lineEnd);
}
