import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Listening, listen } from "./listen.ts";

let listening: Listening;
beforeAll(async () => {
  listening = await listen(() => new Response("fine"), "127.0.0.1", 0);
});
afterAll(() => listening.close(1000));

/** Sends bytes as they are and collects the answer until the server closes. */
function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(listening.url).port), "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString();
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(answer));
    socket.write(request);
  });
}

const HEAD = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";

describe("what no route ever sees is still a problem with a code", () => {
  it.each([
    ["headers beyond measure", `${HEAD}x: ${"a".repeat(20_000)}\r\n\r\n`, 431, "http.headers_too_large"],
    ["something else than HTTP", "HELO mail\r\n\r\n", 400, "http.malformed_request"],
    ["a method that nobody knows", "FOO / HTTP/1.1\r\nhost: x\r\n\r\n", 400, "http.malformed_request"],
    ["a length below nothing", `${HEAD}content-length: -1\r\n\r\n`, 400, "http.malformed_request"],
    ["no host", "GET / HTTP/1.1\r\nconnection: close\r\n\r\n", 400, "http.malformed_request"],
    [
      "a host that is none",
      `GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n`,
      400,
      "http.malformed_request",
    ],
  ])("%s", async (_what, request, status, code) => {
    const [head = "", body = ""] = (await raw(request)).split("\r\n\r\n");
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toMatch(/content-type: application\/problem\+json/i);
    const problem = JSON.parse(body);
    expect(problem).toMatchObject({ status, code, messageZh: expect.stringMatching(/\p{Script=Han}/u) });
    expect(head).toContain(`x-request-id: ${problem.requestId}`);
  });

  it("an expectation that is not known is passed over", async () => {
    expect(await raw(`${HEAD}expect: a-miracle\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 [\s\S]*fine$/);
  });
});
