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

/** The other side has closed in good order: it took leave of an idle connection, or of one that it would not serve. */
const CLOSED = "UND_ERR_SOCKET";
/** It broke off, and the work may have been done. */
const BROKEN: readonly unknown[] = ["ECONNRESET", "EPIPE"];

/** Front ends close connections without a word: what reads may ask twice, and what changes nothing when repeated. */
function isWorthOneMore({ method, signal }: HttpRequest, error: unknown): boolean {
  if (method === "POST" || signal?.aborted === true) return false;
  const code = fetchCode(error);
  return code === CLOSED || (method === "GET" && BROKEN.includes(code));
}
