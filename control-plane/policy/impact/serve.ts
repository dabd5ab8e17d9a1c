import type { Context } from "hono";
import type { App, Ctx } from "../../context.ts";
import { bodyOf } from "../../http/body.ts";
import type { Env } from "../../http/route.ts";
import { isFault } from "../../kernel/fault.ts";
import { FAULT_CODES } from "../../kernel/fault-codes.ts";
import { type AnyVerb, parsed } from "../../verb.ts";
import { compiledOrRefused } from "../register/candidate.ts";
import { replay } from "./replay.ts";
import { ImpactBody, type ImpactLine } from "./wire.ts";

export const readImpact: AnyVerb = { name: "policy.impact", permission: "policy.write", effect: "read" };

/** Line by line while it is counted. What is wrong with the policy is a problem, since nothing was sent by then. */
export async function serveImpact(app: App, ctx: Ctx, c: Context<Env>): Promise<Response> {
  const order = parsed(ImpactBody, await bodyOf(c, app.config.BODY_LIMIT_KIB * 1024));
  const lines = replay(app, ctx.scope, compiledOrRefused(order.yaml, order.pack), order);
  const first = await lines.next();
  return new Response(bodyFrom(app, first, lines), {
    headers: { "content-type": "application/x-ndjson; charset=utf-8" },
  });
}

function bodyFrom(
  app: App,
  first: IteratorResult<ImpactLine>,
  lines: AsyncGenerator<ImpactLine>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let made: IteratorResult<ImpactLine> | null = first;
  const next = async () => {
    const line = made ?? (await lines.next());
    made = null;
    return line;
  };
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await next();
        if (done === true) return controller.close();
        controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
      } catch (error) {
        // The answer has begun, so the refusal is its last line.
        app.log.error({ err: error }, "an impact broke off");
        const code = isFault(error) ? error.code : "internal.unexpected";
        const line: ImpactLine = { error: { code, message: FAULT_CODES[code].title } };
        controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
        controller.close();
      }
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
}
