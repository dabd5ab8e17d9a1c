import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { App, Ctx } from "../context.ts";
import type { Env } from "../http/route.ts";
import { type AnyVerb, parsed } from "../verb.ts";
import type { FeedItem } from "./feed.ts";
import { toMessage } from "./feed-event.ts";
import { parsePosition } from "./position.ts";
import { WatchEvents } from "./wire.ts";

export const watchEvents: AnyVerb = { name: "event.watch", permission: "event.read", effect: "read" };

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2000;

/** A connection ends now and then, so that a token that was revoked does not listen for ever. */
const CONNECTION_MS = 15 * 60_000;

/** Server-sent events in commit order; the client resumes by itself after any interruption. */
export async function streamEvents(app: App, ctx: Ctx, c: Context<Env>): Promise<Response> {
  const feed = app.eventFeed;
  if (feed === undefined) throw new Error("the API is served without an event feed");
  const { lastEventId } = parsed(WatchEvents, c.req.query());
  const resumed = c.req.header("last-event-id") || lastEventId;
  const after = resumed === undefined ? null : parsePosition(resumed);
  const ended = new AbortController();
  const items = await feed.subscribe(ctx.scope, after, ended.signal);
  // Proxies would otherwise hold the stream back until a buffer is full.
  c.header("x-accel-buffering", "no");
  return streamSSE(c, async (stream) => {
    stream.onAbort(() => ended.abort());
    const timer = setTimeout(() => ended.abort(), CONNECTION_MS);
    const heartbeat = setInterval(() => void stream.write(": heartbeat\n\n"), HEARTBEAT_MS);
    try {
      await stream.write(`retry: ${RETRY_MS}\n\n`);
      for await (const item of items) await stream.writeSSE(messageOf(item));
    } catch (error) {
      app.log.warn({ err: error, requestId: ctx.requestId }, "event stream ended early");
    } finally {
      clearTimeout(timer);
      clearInterval(heartbeat);
      ended.abort();
    }
  });
}

/** After `feed.lost` a client reads afresh what it shows. */
function messageOf(item: FeedItem) {
  return item.kind === "event" ? toMessage(item.event) : { event: "feed.lost", data: "{}" };
}
