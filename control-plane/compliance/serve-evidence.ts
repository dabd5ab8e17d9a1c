import type { Context } from "hono";
import { record } from "../audit/record.ts";
import type { App, Ctx } from "../context.ts";
import { bytesOf } from "../http/body.ts";
import type { Env } from "../http/route.ts";
import { type AnyVerb, parsed, perform } from "../verb.ts";
import { addEvidence } from "./add-evidence.ts";
import { evidenceAudit } from "./evidence-audit.ts";
import { evidenceFile, getEvidenceInScope } from "./evidence-rows.ts";
import { EvidenceQuery, OneEvidence } from "./evidence-wire.ts";

/** The body is the file itself; it is refused by its length before any of it is read. */
export async function receiveEvidence(app: App, _ctx: Ctx, c: Context<Env>): Promise<Response> {
  const query = parsed(EvidenceQuery, c.req.query());
  const content = await bytesOf(c, app.config.EVIDENCE_LIMIT_MIB * 2 ** 20);
  const [mediaType = ""] = (c.req.header("content-type") ?? "application/octet-stream").split(";");
  const input = { ...query, content, mediaType: mediaType.trim() };
  const result = await perform(app, c.get("caller"), addEvidence, input);
  return Response.json(result, { status: 201, headers: { etag: `"${result.generation}"` } });
}

/** Handing a file out is a reading that the log knows. */
export const readEvidence: AnyVerb = { name: "evidence.read", permission: "compliance.read", effect: "read" };

/** Always to be saved and never to be shown: nobody knows what a file from elsewhere would do in a browser. */
export async function sendEvidence(app: App, ctx: Ctx, c: Context<Env>): Promise<Response> {
  const { id } = parsed(OneEvidence, c.req.param());
  const { row, content } = await app.db.withTx(async (tx) => {
    const found = await getEvidenceInScope(tx, ctx.scope, id);
    await record(tx, ctx, [evidenceAudit("evidence.read", found)]);
    return { row: found, content: await evidenceFile(tx, found.id) };
  });
  return new Response(new Uint8Array(content), {
    headers: {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(row.fileName)}`,
      digest: `sha-256=${Buffer.from(row.sha256, "hex").toString("base64")}`,
    },
  });
}
