import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { App, Caller, Ctx } from "../context.ts";
import { fault } from "../kernel/fault.ts";
import { digestOf } from "../kernel/hash.ts";
import type { TokenId } from "../kernel/ids.ts";
import type { Text } from "../kernel/text.ts";
import { type AnyVerb, authorise, type Command, type Query, runQuery, runVerb } from "../verb.ts";
import type { IdempotencyKey, StoredResponse } from "./idempotency.ts";

export interface Env {
  Variables: { caller: Caller; requestId: string; tokenId: TokenId };
}

type Method = "get" | "post" | "put";

interface RouteBase {
  readonly method: Method;
  /** Below `/api/v1`, parameters in braces. */
  readonly path: string;
  readonly summary: Text;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Where the verb's input wants the body as a whole; otherwise its fields stand beside the parameters. */
  readonly bodyKey?: string;
  readonly status: 200 | 201 | 202;
  readonly response: z.ZodType;
  readonly mediaType?: string;
}

/** A route is a verb with an address: everything it does is in the verb. */
export interface ApiRoute extends RouteBase {
  readonly verb: AnyVerb;
  readonly ifMatch?: boolean;
  readonly handle: (app: App, c: Context<Env>) => Promise<Response>;
}

interface Answer {
  readonly body: unknown;
  readonly status?: number;
  /** Makes the ETag. */
  readonly generation?: number;
  readonly location?: string;
}

export function queryRoute<Input, Result>(
  base: RouteBase,
  verb: Query<Input, Result>,
  answer: (result: Result) => Answer = (result) => ({ body: result }),
): ApiRoute {
  return {
    ...base,
    verb,
    handle: async (app, c) => {
      const result = await runQuery(app, c.get("caller"), verb, await inputOf(c, base.bodyKey));
      return responseOf(stored(base.status, answer(result)));
    },
  };
}

export function commandRoute<Input, Result, Prepared>(
  base: RouteBase,
  verb: Command<Input, Result, Prepared>,
  answer: (result: Result) => Answer = (result) => ({ body: result }),
): ApiRoute {
  return {
    ...base,
    verb,
    ifMatch: takesIfMatch(verb),
    handle: async (app, c) => {
      const input = { ...(await inputOf(c, base.bodyKey)), ...(takesIfMatch(verb) ? ifMatchOf(c) : {}) };
      const response = await runVerb(app, c.get("caller"), verb, input, {
        once: keyOf(c, input),
        respond: (result) => stored(base.status, answer(result)),
      });
      return responseOf(response);
    },
  };
}

/** For answers that are streamed: authorised like any other, then left to write by itself. */
export function streamRoute(
  base: RouteBase,
  verb: AnyVerb,
  stream: (app: App, ctx: Ctx, c: Context<Env>) => Promise<Response>,
): ApiRoute {
  return {
    ...base,
    verb,
    handle: async (app, c) => stream(app, await authorise(app, c.get("caller"), verb), c),
  };
}

/** Mounts routes below `/api/v1`; `openapi.ts` describes the same routes from the same schemas. */
export function mount(hono: OpenAPIHono<Env>, app: App, routes: readonly ApiRoute[]): void {
  for (const route of routes) {
    hono.on(route.method, `/api/v1${route.path.replaceAll(/\{(\w+)\}/g, ":$1")}`, async (c) => {
      // Before the body is looked at: what is wrong with it is nobody's business who may not send it.
      await authorise(app, c.get("caller"), route.verb);
      return route.handle(app, c);
    });
  }
}

/** Query, body and path in one object; the path wins, and the verb's schema refuses what it does not know. */
async function inputOf(c: Context<Env>, bodyKey?: string): Promise<Record<string, unknown>> {
  const given = c.req.method === "GET" ? {} : await bodyOf(c);
  const body = bodyKey === undefined ? given : { [bodyKey]: given };
  return { ...c.req.query(), ...body, ...c.req.param() };
}

async function bodyOf(c: Context<Env>): Promise<Record<string, unknown>> {
  const text = await c.req.text();
  if (text === "") return {};
  if (!/^application\/([a-z.+-]+\+)?json\b/i.test(c.req.header("content-type") ?? "")) {
    throw fault("http.unsupported_media_type");
  }
  const body = parseJson(text);
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw fault("http.invalid_input", { issues: [{ path: "", message: "the body must be an object" }] });
  }
  return { ...body };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw fault("http.malformed_json", {}, { cause: error });
  }
}

/** Only what has an ETag can be asked for by one. */
function takesIfMatch({ input }: { input: z.ZodType }): boolean {
  return input instanceof z.ZodObject && "ifMatch" in input.shape;
}

function ifMatchOf(c: Context<Env>): { ifMatch?: number } {
  const header = c.req.header("if-match");
  if (header === undefined || header === "*") return {};
  const generation = /^(?:W\/)?"(\d{1,9})"$/.exec(header)?.[1];
  if (generation === undefined) throw fault("http.precondition_failed", { ifMatch: header });
  return { ifMatch: Number(generation) };
}

function keyOf(c: Context<Env>, input: Record<string, unknown>): IdempotencyKey | null {
  const key = c.req.header("idempotency-key");
  const accountId = c.get("caller").actor.accountId;
  if (key === undefined || accountId === null) return null;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw fault("http.invalid_input", {
      issues: [{ path: "Idempotency-Key", message: "1 to 255 visible characters" }],
    });
  }
  return { accountId, key, bodyDigest: digestOf([c.req.method, c.req.path, input]) };
}

function stored(status: number, answer: Answer): StoredResponse {
  return {
    status: answer.status ?? status,
    body: answer.body,
    headers: {
      ...(answer.generation === undefined ? {} : { etag: `"${answer.generation}"` }),
      ...(answer.location === undefined ? {} : { location: answer.location }),
    },
  };
}

function responseOf({ status, body, headers }: StoredResponse): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
  });
}
