import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import nock from "nock";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";

/** One request of a run of the suite against a real service, and what that answered. */
export interface Heard {
  readonly method: string;
  readonly url: string;
  /** Whose it was: a token or a key id by another name. */
  readonly who: string;
  readonly body: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly reply: string;
}

/** A whole run: what was said in each test, and when that began. */
export interface Recording {
  readonly of: string;
  readonly setting: Readonly<Record<string, string>>;
  readonly tests: Readonly<Record<string, { readonly at: string; readonly heard: readonly Heard[] }>>;
}

/** What a recorded run leaves out is the same for all kinds; the rest of the options is the run's own. */
export const RECORDED_RUN = {
  bulk: { objects: 12, timeoutMs: 300_000 },
  prefix: "cf-recorded",
} as const;

/** The file that `RECORD` names, where this run is to be kept. */
export function recordingTo(): string | undefined {
  const file = process.env.RECORD;
  return file === undefined || file === "" ? undefined : file;
}

const SECRET_MIN = 8;
const BEFORE = "before all tests";

/** Without the name of the suite, which says against what it runs. */
export function currentTest(): string {
  const { currentTestName } = expect.getState();
  return currentTestName?.replace(/^.*? > /, "") ?? BEFORE;
}

/** An answer is written down a moment after it was read. */
const WRITTEN_AFTER_MS = 100;

/** Writes down what a kind's client says and hears. */
interface Listener {
  begin(): void;
  /** What came since the last time. */
  take(): Heard[];
  end(): void;
}

/** For clients over Node's own `http`. */
export const byHttp: Listener = {
  begin: () => {
    nock.recorder.rec({ dont_print: true, output_objects: true, enable_reqheaders_recording: true });
  },
  take() {
    const outputs = nock.recorder.play() as unknown as Written[];
    nock.recorder.clear();
    return outputs.map(heardOf);
  },
  end: () => nock.restore(),
};

/** For clients over `fetch`, of which nock's recorder takes no answer without content. */
export function byFetch(): Listener {
  const usual = globalThis.fetch;
  const heard: Heard[] = [];
  return {
    begin() {
      globalThis.fetch = async (input, init) => {
        const answer = await usual(input, init);
        const request = new Request(input, { ...init, signal: null });
        heard.push({
          method: request.method,
          url: request.url,
          who: whoseIs(Object.fromEntries(request.headers)),
          body: await request.text(),
          status: answer.status,
          headers: keptOf(Object.fromEntries(answer.headers)),
          reply: await answer.clone().text(),
        });
        return answer;
      };
    },
    take: () => heard.splice(0),
    end() {
      globalThis.fetch = usual;
    },
  };
}

interface Written {
  readonly method: string;
  readonly scope: string;
  readonly path: string;
  readonly body: unknown;
  readonly status: number;
  readonly response: unknown;
  readonly rawHeaders: Readonly<Record<string, string>>;
  readonly reqheaders?: Readonly<Record<string, string>>;
}

/**
 * Writes down every exchange of the run by test. `setting` is asked when the run is over; what is `secret` in it,
 * and every token that the service gave out, is replaced everywhere.
 */
export function recordRun(
  file: string,
  of: string,
  listener: Listener,
  setting: () => { readonly open: Record<string, string>; readonly secret: Record<string, string> },
  keep: (url: string) => boolean,
): void {
  const tests: Record<string, { at: string; heard: Heard[] }> = {};
  const begin = (name: string) => {
    tests[name] = { at: new Date().toISOString(), heard: [] };
  };
  let current = BEFORE;
  const written = async () => {
    await sleep(WRITTEN_AFTER_MS);
    tests[current]?.heard.push(...listener.take().filter(({ url }) => keep(url)));
  };
  beforeAll(() => {
    begin(BEFORE);
    for (const value of Object.values(setting().secret)) {
      if (value.length < SECRET_MIN)
        throw new Error("a secret so short cannot be told apart from other words");
    }
    listener.begin();
  });
  beforeEach(async () => {
    await written();
    current = currentTest();
    begin(current);
  });
  afterEach(written);
  afterAll(() => {
    listener.end();
    const { open, secret } = setting();
    const recording = { of, setting: { ...open, ...secret }, tests };
    const text = withoutSecrets(JSON.stringify(recording), secret);
    writeFileSync(file, gzipSync(text, { level: 9 }));
  });
}

function heardOf({ method, scope, path, body, status, response, rawHeaders, reqheaders }: Written): Heard {
  return {
    method,
    url: `${scope}${path}`,
    who: whoseIs(reqheaders ?? {}),
    body: textOf(body),
    status,
    headers: keptOf(rawHeaders),
    reply: textOf(plainer(response)),
  };
}

const KEPT = ["content-type", "location", "x-subject-token", "retry-after", "x-openstack-request-id"];

function keptOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => KEPT.includes(name)));
}

/** Of a signature only the key's id stays the same. */
export function whoseIs(headers: Readonly<Record<string, string | undefined>>): string {
  const given = headers["x-auth-token"] ?? headers.authorization ?? "";
  return /Credential=([^/]+)/.exec(given)?.[1] ?? given;
}

export function textOf(body: unknown): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

/** Who wrote which field fills most of an answer of Kubernetes, and no adapter reads it. */
function plainer(response: unknown): unknown {
  if (typeof response !== "object" || response === null) return response;
  return JSON.parse(
    JSON.stringify(response, (name, value) => (name === "managedFields" ? undefined : value)),
  );
}

const GIVEN_OUT = [
  /\\"x-subject-token\\":\\"([^"\\]+)/g,
  /"x-subject-token":"([^"]+)"/g,
  /\\"token\\":\\"([^"\\]{20,})/g,
  /\\"secret\\":\\"([^"\\]+)/g,
  // Those that an adapter derives for users of its own.
  /\\"password\\":\\"([^"\\]{20,})/g,
  /<(?:AccessKeyId|SecretAccessKey|SessionToken)>([^<]+)</g,
];

function withoutSecrets(text: string, secret: Readonly<Record<string, string>>): string {
  const given = GIVEN_OUT.flatMap((pattern) => [...text.matchAll(pattern)].map(([, value = ""]) => value));
  const known = Object.entries(secret).map(([name, value]) => [value, `recorded-${name}`] as const);
  const names = [...new Set(given)].map((value, at) => [value, `recorded-token-${at}`] as const);
  return [...known, ...names]
    .sort(([left], [right]) => right.length - left.length)
    .reduce((all, [value, name]) => all.replaceAll(value, name), text);
}
