import { type ApiRoute, streamRoute } from "../http/route.ts";
import { streamEvents, watchEvents } from "./stream.ts";
import { EventMessage, WatchEvents, WatchEventsHeaders } from "./wire.ts";

export const eventRoutes: readonly ApiRoute[] = [
  streamRoute(
    {
      method: "get",
      path: "/events",
      summary: {
        zh: "订阅变更事件（SSE，可断点续传）",
        en: "Watch changes as server-sent events, with resume",
      },
      query: WatchEvents,
      headers: WatchEventsHeaders,
      status: 200,
      response: EventMessage,
      mediaType: "text/event-stream",
    },
    watchEvents,
    streamEvents,
  ),
];
