import type { App, Caller } from "../context.ts";
import { perform } from "../verb.ts";
import { beginExport, exportLines } from "./export.ts";
import { signingKeyFile } from "./key-file.ts";
import { loadSigningKey } from "./signing-key.ts";

/** JSON Lines, written as fast as the reader takes them; a broken stream lacks its footer and does not verify. */
export async function streamExport(
  app: App,
  caller: Caller,
  query: Record<string, string>,
): Promise<Response> {
  const key = await loadSigningKey(signingKeyFile(app.config));
  const range = await perform(app, caller, beginExport, query);
  const lines = exportLines(app, key, range);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await lines.next();
        if (next.done === true) controller.close();
        else controller.enqueue(encoder.encode(`${next.value}\n`));
      } catch (error) {
        app.log.error({ err: error, requestId: caller.requestId }, "audit export broke off");
        controller.error(error);
      }
    },
    async cancel() {
      await lines.return();
    },
  });
  const name = `audit-${range.from}-${range.last}.jsonl`;
  return new Response(body, {
    headers: {
      "content-type": "application/jsonl; charset=utf-8",
      "content-disposition": `attachment; filename="${name}"`,
      "cache-control": "no-store",
    },
  });
}
