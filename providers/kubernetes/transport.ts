import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import {
  type HttpLibrary,
  type RequestContext,
  ResponseContext,
  wrapHttpLibrary,
} from "@kubernetes/client-node";

/**
 * The client's own way over HTTP waits for ever when a connection ends in the middle of an answer, and follows
 * redirects, which would carry the token to a place that nobody configured. This one does neither.
 */
export function transport(): HttpLibrary {
  return wrapHttpLibrary({ send: exchange });
}

async function exchange(request: RequestContext): Promise<ResponseContext> {
  const response = await answerTo(request, true);
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  const content = Buffer.concat(parts);
  return new ResponseContext(response.statusCode ?? 0, headersOf(response), {
    text: () => Promise.resolve(content.toString()),
    binary: () => Promise.resolve(content),
  });
}

/** A kept connection may be closed just as it is used again: reading is worth a new one, writing is the caller's. */
function answerTo(request: RequestContext, again: boolean): Promise<IncomingMessage> {
  const url = request.getUrl();
  const body = request.getBody();
  const text = typeof body === "string" ? body : "";
  const agent = request.getAgent();
  const signal = request.getSignal();
  const options = {
    method: request.getHttpMethod(),
    headers: {
      "user-agent": "yunheng",
      ...request.getHeaders(),
      ...(text === "" ? {} : { "content-length": Buffer.byteLength(text) }),
    },
    ...(agent === undefined ? {} : { agent }),
    ...(signal === undefined ? {} : { signal }),
  };
  return new Promise((resolve, reject) => {
    // By the module, not by a name of its own: what stands in for it in tests is found however late it comes.
    const { request: send } = url.startsWith("https:") ? https : http;
    const sent = send(url, options, resolve);
    sent.on("error", (error: NodeJS.ErrnoException) => {
      const stale = sent.reusedSocket && error.code === "ECONNRESET" && options.method === "GET";
      if (stale && again) answerTo(request, false).then(resolve, reject);
      else reject(error);
    });
    sent.end(text);
  });
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}
