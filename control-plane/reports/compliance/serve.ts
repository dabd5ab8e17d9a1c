import type { Context } from "hono";
import type { App, Ctx } from "../../context.ts";
import type { Env } from "../../http/route.ts";
import { chinaDate } from "../../kernel/calendar.ts";
import { fault } from "../../kernel/fault.ts";
import { parsed } from "../../verb.ts";
import { streamed } from "../streamed.ts";
import { COMPLIANCE_FORMATS, type ComplianceFormat } from "./formats.ts";
import { issueReport } from "./issue.ts";
import { ComplianceQuery } from "./question.ts";

export const MEDIA_TYPES: Readonly<Record<ComplianceFormat, string>> = {
  json: "application/json; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  oscal: "application/json; charset=utf-8",
  html: "text/html; charset=utf-8",
  pdf: "application/pdf",
};

/** The part before the first byte is made before the answer begins, so that a refusal can still be one. */
export async function serveCompliance(app: App, ctx: Ctx, c: Context<Env>): Promise<Response> {
  const { format: asked, ...rest } = parsed(ComplianceQuery, c.req.query());
  const format = complianceFormat(asked, c.req.header("accept"));
  const { actor, requestId, sourceAddress, scope } = ctx;
  const chunks = await issueReport(app, { actor, requestId, sourceAddress, scope }, { ...rest, format });
  const first = await chunks.next();
  const day = rest.asOf ?? chinaDate(app.clock.now());
  const file = `compliance-${day}.${format === "oscal" ? "oscal.json" : format}`;
  return new Response(streamed(app, first, chunks), {
    headers: {
      "content-type": MEDIA_TYPES[format],
      ...(format === "json" ? {} : { "content-disposition": `attachment; filename="${file}"` }),
      vary: "Accept",
    },
  });
}

/** What the address asks for wins over what the client accepts. @throws report.unknown_format */
function complianceFormat(asked: string | undefined, accept = ""): ComplianceFormat {
  if (asked === undefined) return /\btext\/csv\b/i.test(accept) ? "csv" : "json";
  const format = COMPLIANCE_FORMATS.find((name) => name === asked);
  if (format === undefined) {
    throw fault("report.unknown_format", { format: asked, possible: COMPLIANCE_FORMATS });
  }
  return format;
}
