import type { Context } from "hono";
import type { App, Ctx } from "../context.ts";
import type { Env } from "../http/route.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { fault } from "../kernel/fault.ts";
import { type AnyVerb, parsed } from "../verb.ts";
import { openReport, type ReportName } from "./open-report.ts";
import { REPORT_FORMATS, type ReportFormat } from "./report.ts";
import { streamed } from "./streamed.ts";
import { ReportQuery } from "./wire.ts";

export function readReport(name: ReportName | "compliance"): AnyVerb {
  return { name: `report.${name}`, permission: "report.read", effect: "read" };
}

/** Streams a report; the first part is made before the answer begins, so that a refusal can still be one. */
export function serveReport(name: ReportName) {
  return async (app: App, ctx: Ctx, c: Context<Env>): Promise<Response> => {
    const { format: asked, ...filters } = parsed(ReportQuery, c.req.query());
    const format = formatOf(asked, c.req.header("accept"));
    const lineEnd = format === "csv" ? "\r\n" : "\n";
    const { actor, requestId, sourceAddress, scope } = ctx;
    const reader = { actor, requestId, sourceAddress, scope };
    const chunks = encoded(await openReport(app, reader, { name, format, filters, lineEnd }), lineEnd);
    const first = await chunks.next();
    const file = `${name}-${chinaDate(app.clock.now())}.${format}`;
    return new Response(streamed(app, first, chunks), {
      headers: {
        "content-type": format === "csv" ? "text/csv; charset=utf-8" : "application/json; charset=utf-8",
        ...(format === "csv" ? { "content-disposition": `attachment; filename="${file}"` } : {}),
        vary: "Accept",
      },
    });
  };
}

/** What the address asks for wins over what the client accepts. */
function formatOf(asked: string | undefined, accept: string | undefined): ReportFormat {
  if (asked === undefined) return /\btext\/csv\b/i.test(accept ?? "") ? "csv" : "json";
  const format = REPORT_FORMATS.find((name) => name === asked);
  if (format === undefined) throw fault("report.unknown_format", { format: asked, possible: REPORT_FORMATS });
  return format;
}

async function* encoded(chunks: AsyncGenerator<string>, lineEnd: string): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const chunk of chunks) yield encoder.encode(`${chunk}${lineEnd}`);
}
