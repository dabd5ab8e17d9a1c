import { Agent, type Dispatcher, ProxyAgent, fetch as undiciFetch } from "undici";
import { fetchCode, unanswered } from "../wire-faults.ts";
import type { OpenstackConnection } from "./connection.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** Read to its end, so that no connection is left half used. */
export interface HttpReply {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: string;
}

export type Transport = (request: HttpRequest) => Promise<HttpReply>;

/** HTTP with the connection's authority and proxy; what gets no answer is `Unavailable`. */
export function transportOf(connection: Pick<OpenstackConnection, "ca" | "proxy">): Transport {
  const dispatcher = dispatcherOf(connection);
  return async (request) => {
    try {
      return await exchange(request, dispatcher);
    } catch (error) {
      if (!isWorthOneMore(request, error)) throw unanswered(error, request.signal, fetchCode(error));
    }
    try {
      return await exchange(request, dispatcher);
    } catch (error) {
      throw unanswered(error, request.signal, fetchCode(error));
    }
  };
}

async function exchange(request: HttpRequest, dispatcher: Dispatcher | null): Promise<HttpReply> {
  const init = {
    method: request.method,
    headers: { ...request.headers },
    // A redirect would carry the token to a place that nobody configured.
    redirect: "manual" as const,
    ...(request.body === undefined ? {} : { body: request.body }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
  const response =
    dispatcher === null
      ? await fetch(request.url, init)
      : await undiciFetch(request.url, { ...init, dispatcher });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** Null where the usual way will do. */
function dispatcherOf({ ca, proxy }: Pick<OpenstackConnection, "ca" | "proxy">): Dispatcher | null {
  const tls = ca === undefined ? {} : { ca };
  if (proxy !== undefined) return new ProxyAgent({ uri: proxy, requestTls: tls, proxyTls: tls });
  return ca === undefined ? null : new Agent({ connect: tls });
}

const CLOSED_WHILE_IDLE: readonly unknown[] = ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"];

/** Front ends close idle connections without a word; what only reads may find out twice. */
function isWorthOneMore(request: HttpRequest, error: unknown): boolean {
  if (request.method !== "GET" || request.signal?.aborted === true) return false;
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && CLOSED_WHILE_IDLE.includes(cause.code);
}
