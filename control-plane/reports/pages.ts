import type { Scope } from "../authz/scope.ts";
import type { App } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { type ReportFilters, type ReportTenancy, tenancyPage } from "./rows.ts";

const TENANCIES_PER_PAGE = 50;

/**
 * Rows of a report, some tenancies at a time. Each page is a short transaction of its own: one long one would
 * hold up the event stream and the sealing of the audit log, which wait for the oldest transaction.
 */
export async function* pagesOver<Row>(
  app: Pick<App, "db">,
  scope: Scope,
  filters: ReportFilters,
  rowsOf: (tx: Tx, tenancies: readonly ReportTenancy[]) => Promise<readonly Row[]>,
  perPage = TENANCIES_PER_PAGE,
): AsyncGenerator<readonly Row[]> {
  let after = "";
  for (;;) {
    const from = after;
    const { last, rows } = await app.db.withTx(async (tx) => {
      const page = await tenancyPage(tx, scope, filters, from, perPage);
      const full = page.length === perPage;
      return { last: full ? page.at(-1)?.tenancy.id : undefined, rows: await rowsOf(tx, page) };
    });
    yield rows;
    if (last === undefined) return;
    after = last;
  }
}
