import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Scripts } from "../../emulation/script.ts";
import { answerRefusal, serve } from "./cluster-routes.ts";
import type { ClusterState } from "./cluster-state.ts";
import { Refusal } from "./status.ts";

/** Answers the requests to all clusters, refusals in the API server's own form. */
export function answerer(
  find: (cluster: string) => ClusterState | undefined,
  scripts: Scripts,
  onDefect: (error: unknown) => void,
) {
  return async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    try {
      await answer(find, scripts, incoming, outgoing);
    } catch (error) {
      if (!(error instanceof Refusal)) onDefect(error);
      const failed = new Refusal(500, "InternalError", "the emulated cluster failed", {});
      answerRefusal(outgoing, error instanceof Refusal ? error : failed);
    }
  };
}

async function answer(
  find: (cluster: string) => ClusterState | undefined,
  scripts: Scripts,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://emulator");
  // Newer API servers tell it in every answer.
  outgoing.setHeader("audit-id", incoming.headers["audit-id"] ?? randomUUID());
  outgoing.setHeader("cache-control", "no-cache, private");
  const [, id = "", path = ""] = /^\/kubernetes\/([^/]+)(\/.*)?$/.exec(pathname) ?? [];
  const request = {
    method: incoming.method ?? "GET",
    path,
    query: Object.fromEntries(searchParams),
    headers: incoming.headers,
    body: await textOf(incoming),
  };
  const cluster = find(id);
  if (cluster === undefined) {
    throw new Refusal(404, "NotFound", "the server could not find the requested resource", {});
  }
  await serve(cluster, scripts.of(id), request, { incoming, outgoing });
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part);
  return Buffer.concat(parts).toString();
}
