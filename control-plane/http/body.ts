import { IncomingMessage } from "node:http";
import type { Context } from "hono";
import { fault } from "../kernel/fault.ts";
import { repeatedKey } from "../kernel/repeated-key.ts";

/** What is over the limit is read and thrown away up to here, so that the client hears why it was refused. */
const DISCARDED_MAX = 64 * 1024 * 1024;

/** The fields of a JSON body; an absent body has none. */
export async function bodyOf(c: Context, maxSize: number): Promise<Record<string, unknown>> {
  const text = await textOf(c, maxSize);
  if (text === "") return {};
  const encoding = c.req.header("content-encoding") ?? "identity";
  const type = c.req.header("content-type") ?? "";
  if (encoding.toLowerCase() !== "identity" || !/^application\/([a-z.+-]+\+)?json\b/i.test(type)) {
    throw fault("http.unsupported_media_type");
  }
  const body = parseJson(text);
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw fault("http.invalid_input", { issues: [{ path: "", message: "the body must be an object" }] });
  }
  return { ...body };
}

/** JSON is UTF-8; what is not would be stored with other characters than were sent. */
async function textOf(c: Context, maxSize: number): Promise<string> {
  const bytes = await bytesOf(c, maxSize);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw fault("http.malformed_json", { reason: "not UTF-8" }, { cause: error });
  }
}

/** The body as it came. @throws http.body_too_large at once where its length says so, and otherwise once it is too long */
export async function bytesOf(c: Context, maxSize: number): Promise<Uint8Array> {
  const tooLarge = fault("http.body_too_large", { limitBytes: maxSize });
  if (Number(c.req.header("content-length") ?? 0) > maxSize) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of sourceOf(c)) {
      size += chunk.length;
      if (size <= maxSize) chunks.push(chunk);
      if (size > DISCARDED_MAX) break;
    }
  } catch (error) {
    brokenOff(error);
  }
  if (size > maxSize) throw tooLarge;
  return Buffer.concat(chunks);
}

/** What the server received, rather than the stream that the standard wraps around it at twice the time. */
function sourceOf(c: Context): AsyncIterable<Uint8Array> | readonly Uint8Array[] {
  const bound: unknown = c.env;
  // Requests that are dispatched inside a test have no socket.
  const hasSocket = typeof bound === "object" && bound !== null && "incoming" in bound;
  if (hasSocket && bound.incoming instanceof IncomingMessage) return bound.incoming;
  return c.req.raw.body ?? [];
}

/** The client went away in the middle: nobody hears the answer, and nothing is wrong here. */
function brokenOff(error: unknown): never {
  throw fault("http.malformed_json", { reason: "broken off" }, { cause: error });
}

function parseJson(text: string): unknown {
  const body = parsedText(text);
  // Of two values one would be ignored, and another reader of the same text may take the other one.
  const repeated = repeatedKey(text);
  if (repeated !== null) throw fault("http.malformed_json", { repeatedKey: repeated.slice(0, 100) });
  return body;
}

function parsedText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw fault("http.malformed_json", {}, { cause: error });
  }
}
