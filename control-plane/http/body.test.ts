import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { bodyOf } from "./body.ts";
import { problemResponse, refusalOf } from "./problem.ts";

const LIMIT = 1000;
const hono = new Hono();
hono.post("/", async (c) => c.json(await bodyOf(c, LIMIT)));
hono.onError((error) => problemResponse(refusalOf(error), "test"));

async function sent(body: string | Uint8Array | ReadableStream, headers: Record<string, string> = {}) {
  const response = await hono.request("/", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const ofLength = (length: number) => `{"a":"${"x".repeat(length - 8)}"}`;

/** A body whose length is not known before its end. */
function inPieces(text: string): ReadableStream {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.subarray(at, at + 7));
      controller.close();
    },
  });
}

describe("a body", () => {
  it("is read as UTF-8 JSON, whole or in pieces, and may be absent", async () => {
    const text = '{"名称":"系统","n":1}';
    expect((await sent(text)).body).toEqual({ 名称: "系统", n: 1 });
    expect((await sent(inPieces(text))).body).toEqual({ 名称: "系统", n: 1 });
    expect((await sent(`\ufeff${text}`, { "content-type": "application/vnd.x+json" })).status).toBe(200);
    expect((await sent("", { "content-type": "text/plain" })).body).toEqual({});
  });

  it.each([
    ["half a document", '{"a":', { status: 400, code: "http.malformed_json" }],
    ["white space only", "  ", { status: 400, code: "http.malformed_json" }],
    ["a list", "[1]", { status: 400, code: "http.invalid_input" }],
    ["null", "null", { status: 400, code: "http.invalid_input" }],
    ["bytes that are not UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), { details: { reason: "not UTF-8" } }],
    ["text in GBK", new Uint8Array([0x7b, 0x22, 0xcf, 0xb5, 0x22]), { code: "http.malformed_json" }],
    ["a key given twice", '{"a":1,"b":{},"a":2}', { details: { repeatedKey: "a" } }],
    ["nesting without end", `${'{"a":'.repeat(2e5)}`, { status: 413, code: "http.body_too_large" }],
  ])("%s is refused", async (_what, body, expected) => {
    expect((await sent(body)).body).toMatchObject(expected);
  });

  it("is refused in another media type or encoding", async () => {
    for (const headers of [{ "content-type": "text/plain" }, { "content-encoding": "gzip" }]) {
      expect((await sent("{}", headers)).body.code).toBe("http.unsupported_media_type");
    }
  });

  it("may be as long as the limit and not a byte longer, whether or not it says so first", async () => {
    for (const form of [(text: string) => text, inPieces]) {
      expect((await sent(form(ofLength(LIMIT)))).status).toBe(200);
      const tooLong = await sent(form(ofLength(LIMIT + 1)));
      expect(tooLong.body).toMatchObject({ status: 413, details: { limitBytes: LIMIT } });
    }
    expect((await sent(ofLength(10), { "content-length": String(LIMIT + 1) })).status).toBe(413);
  });

  it("that breaks off is nobody's fault here", async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("aborted")) });
    expect((await sent(broken)).body).toMatchObject({ status: 400, details: { reason: "broken off" } });
  });
});
