import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import nock from "nock";
import { afterAll, beforeAll, beforeEach, vi } from "vitest";
import { currentTest, type Heard, type Recording, textOf, whoseIs } from "./recording.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/** Where nothing answers, and nothing may. */
const NOWHERE = "127.0.0.1:1";

export function readRecording(file: URL): Recording {
  return JSON.parse(gunzipSync(readFileSync(file)).toString()) as Recording;
}

/**
 * Answers, test by test, what was answered when the run was recorded, at the time at which it was. A request that
 * was not made then has no answer; one that is repeated more often than it was gets the last one once more.
 */
export function replayRun(recording: Recording, blind: readonly RegExp[] = []): void {
  let left: Heard[] = [];
  const last = new Map<string, Heard>();
  const keyOf = ({ method, url, who, body }: Pick<Heard, "method" | "url" | "who" | "body">) =>
    blind.reduce((key, pattern) => key.replace(pattern, ""), `${method} ${url} ${who} ${body}`);
  const answer = (asked: Pick<Heard, "method" | "url" | "who" | "body">): nock.ReplyFnResult => {
    const key = keyOf(asked);
    const at = left.findIndex((heard) => keyOf(heard) === key);
    const heard = at < 0 ? last.get(key) : left.splice(at, 1)[0];
    if (heard === undefined) return [599, `nothing was recorded for ${key}`];
    last.set(key, heard);
    return [heard.status, heard.reply, { ...heard.headers }];
  };
  const turnTo = (name: string) => {
    const test = recording.tests[name];
    left = [...(test?.heard ?? [])];
    if (test !== undefined) vi.setSystemTime(test.at);
  };
  beforeAll(() => {
    if (!nock.isActive()) nock.activate();
    nock.disableNetConnect();
    nock.enableNetConnect(NOWHERE);
    vi.useFakeTimers({ toFake: ["Date"] });
    for (const origin of originsIn(recording)) {
      for (const method of METHODS) {
        nock(origin)
          .persist()
          .intercept(/.*/, method)
          .reply(function (path, body) {
            const who = whoseIs(headersOf(this.req.headers));
            return answer({ method, url: `${origin}${path}`, who, body: textOf(body) });
          });
      }
    }
    turnTo("before all tests");
  });
  beforeEach(() => turnTo(currentTest()));
  afterAll(() => {
    vi.useRealTimers();
    nock.cleanAll();
    nock.enableNetConnect();
    nock.restore();
  });
}

function originsIn({ tests }: Recording): Set<string> {
  const heard = Object.values(tests).flatMap((test) => test.heard);
  return new Set(heard.map(({ url }) => new URL(url).origin));
}

function headersOf(headers: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
