import { createHash } from "node:crypto";
import { record } from "../../audit/record.ts";
import type { Scope } from "../../authz/scope.ts";
import type { App, Caller } from "../../context.ts";
import { asCsv } from "./as-csv.ts";
import { asHtml } from "./as-html.ts";
import { asJson } from "./as-json.ts";
import { asOscal } from "./as-oscal.ts";
import type { Content } from "./content.ts";
import type { ComplianceFormat } from "./formats.ts";
import { loadContent } from "./load-content.ts";
import { type Asked, type Question, questionOf } from "./question.ts";

type Form = (content: Content) => AsyncGenerator<Uint8Array>;

/** Workbooks and paper bring large libraries, which are loaded when the first one is asked for. */
const FORMS: Readonly<Record<ComplianceFormat, () => Form | Promise<Form>>> = {
  json: () => asJson,
  csv: () => asCsv,
  xlsx: async () => (await import("./as-xlsx.ts")).asXlsx,
  oscal: () => asOscal,
  html: () => asHtml,
  pdf: async () => (await import("./as-pdf.ts")).asPdf,
};

export interface Reader extends Caller {
  readonly scope: Scope;
}

type Issuing = Pick<App, "db" | "clock" | "ids">;

/** What the audit log keeps of a report that was handed out: enough to make it again and compare. */
export interface IssuedReport {
  readonly format: ComplianceFormat;
  readonly framework: string | null;
  readonly scope: string;
  readonly day: string;
  readonly instant: string;
  readonly readerScope: Scope;
  readonly digest: string;
  readonly bytes: number;
}

/**
 * Makes a report. That it is read is written down before, and what was handed out once it is whole: under the
 * digest of its very bytes, by which `verify.ts` finds it again.
 * @throws http.not_found, report.future, report.no_assessment, report.unknown_framework before the first byte
 */
export async function issueReport(
  app: Issuing,
  reader: Reader,
  { format, ...asked }: Asked & { readonly format: ComplianceFormat },
): Promise<AsyncGenerator<Uint8Array>> {
  const question = await questionOf(app, reader.scope, asked);
  const context = { ...reader, clock: app.clock, ids: app.ids };
  const reading = { action: "report.read", targetType: "report", targetId: "compliance" } as const;
  await app.db.withTx((tx) => record(tx, context, [{ ...reading, after: { format, ...asked } }]));
  const content = await loadContent(app.db, question);
  return written(app, reader, format, question, content);
}

async function* written(
  app: Issuing,
  reader: Reader,
  format: ComplianceFormat,
  question: Question,
  content: Content,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let bytes = 0;
  const form = await FORMS[format]();
  for await (const chunk of form(content)) {
    hash.update(chunk);
    bytes += chunk.length;
    yield chunk;
  }
  const { framework, scope, day, instant } = question;
  const after: IssuedReport = {
    format,
    framework,
    scope,
    day,
    instant: instant.toISOString(),
    readerScope: reader.scope,
    digest: content.digest,
    bytes,
  };
  const issued = { action: "report.issue", targetType: "report", targetId: hash.digest("hex") } as const;
  const context = { ...reader, clock: app.clock, ids: app.ids };
  await app.db.withTx((tx) => record(tx, context, [{ ...issued, after }]));
}
