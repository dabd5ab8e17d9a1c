import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { App, Caller, Ctx } from "../context.ts";
import { withTexts } from "../db/shared-texts.ts";
import type { Database } from "../db/tx.ts";
import { fault, isFault } from "../kernel/fault.ts";
import type { TokenId } from "../kernel/ids.ts";
import type { Text } from "../kernel/text.ts";
import { type AnyVerb, authorise, type Command, type Query, runQuery, runVerb } from "../verb.ts";
import { bodyOf } from "./body.ts";
import type { CallersKey, StoredResponse } from "./idempotency.ts";

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
  /** Other answers that are not problems. */
  readonly also?: readonly AlsoAnswer[];
  /** Headers that the route reads by itself. */
  readonly headers?: z.ZodObject;
}

interface AlsoAnswer {
  /** Absent: the same status, in another form. */
  readonly status?: number;
  readonly mediaType?: string;
  readonly response: z.ZodType;
  readonly description: Text;
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
      const input = await inputOf(app, c, base);
      const result = await inWordsOf(base, runQuery(app, c.get("caller"), verb, input));
      return responseOf(app.db, stored(base.status, answer(result)));
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
      const input = { ...(await inputOf(app, c, base)), ...(takesIfMatch(verb) ? ifMatchOf(c) : {}) };
      const response = runVerb(app, c.get("caller"), verb, input, {
        once: keyOf(c),
        respond: (result) => stored(base.status, answer(result)),
      });
      return responseOf(app.db, await inWordsOf(base, response));
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
      c.set("caller", addressing(c.get("caller"), c.req.param()));
      // Before the body is looked at: what is wrong with it is nobody's business who may not send it.
      await authorise(app, c.get("caller"), route.verb);
      return route.handle(app, c);
    });
  }
}

/** Any address may be asked for; only what could be an id is worth a place in the log. */
function addressing(caller: Caller, parameters: Record<string, string>): Caller {
  const [addressed] = Object.values(parameters);
  return addressed !== undefined && /^[\w.:-]{1,100}$/.test(addressed) ? { ...caller, addressed } : caller;
}

/** The methods that an address takes; empty where there is no such address. */
export function methodsAt(
  routes: readonly { readonly method: string; readonly path: string }[],
  path: string,
): string[] {
  const here = routes.filter((route) => route.method !== "ALL" && patternOf(route.path).test(path));
  const methods = new Set(here.map(({ method }) => method.toUpperCase()));
  if (methods.has("GET")) methods.add("HEAD");
  return [...methods];
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/[.]/g, "\\.").replaceAll(/:\w+/g, "[^/]+")}$`);
}

/** Query, body and path in one object; each name may come from its own place only. */
async function inputOf(app: App, c: Context<Env>, base: RouteBase): Promise<Record<string, unknown>> {
  const { bodyKey } = base;
  const query = queryOf(c, base);
  const path = c.req.param();
  const given = c.req.method === "GET" ? {} : await bodyOf(c, app.config.BODY_LIMIT_KIB * 1024);
  if (bodyKey !== undefined) return { ...query, [bodyKey]: given, ...path };
  const elsewhere = ["ifMatch", ...Object.keys(path), ...Object.keys(base.query?.shape ?? {})];
  refuse(
    elsewhere.filter((name) => Object.hasOwn(given, name)).map((path) => ({ path, message: NOT_IN_BODY })),
  );
  return { ...query, ...given, ...path };
}

const NOT_IN_BODY = "does not belong into the body";

function queryOf(c: Context<Env>, { query }: RouteBase): Record<string, string> {
  const given = Object.entries(c.req.queries());
  refuse(
    given.flatMap(([path, values]) => {
      if (!Object.hasOwn(query?.shape ?? {}, path)) return [{ path, message: "unknown query parameter" }];
      return values.length > 1 ? [{ path, message: "given more than once" }] : [];
    }),
  );
  return Object.fromEntries(given.map(([name, [value = ""]]) => [name, value]));
}

interface Issue {
  readonly path: string;
  readonly message: string;
}

function refuse(issues: readonly Issue[]): void {
  if (issues.length > 0) throw fault("http.invalid_input", { issues });
}

/** Names fields as the caller wrote them, where the verb knows the body under a name of its own. */
async function inWordsOf<Result>({ bodyKey }: RouteBase, running: Promise<Result>): Promise<Result> {
  try {
    return await running;
  } catch (error) {
    if (bodyKey === undefined || !isFault(error, "http.invalid_input")) throw error;
    const issues = (error.details.issues as readonly Issue[]).map(({ path, message }) => ({
      path: path === bodyKey ? "" : path.replace(new RegExp(`^${bodyKey}\\.`), ""),
      message,
    }));
    throw fault("http.invalid_input", { issues });
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

function keyOf(c: Context<Env>): CallersKey | null {
  const key = c.req.header("idempotency-key");
  const accountId = c.get("caller").actor.accountId;
  if (key === undefined || accountId === null) return null;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw fault("http.invalid_input", {
      issues: [{ path: "Idempotency-Key", message: "1 to 255 visible characters" }],
    });
  }
  return { accountId, key, call: `${c.req.method} ${c.req.path}` };
}

function stored(status: number, answer: Answer): StoredResponse {
  return {
    status: answer.status ?? status,
    body: JSON.stringify(answer.body),
    headers: {
      ...(answer.generation === undefined ? {} : { etag: `"${answer.generation}"` }),
      ...(answer.location === undefined ? {} : { location: answer.location }),
    },
  };
}

async function responseOf(db: Database, { status, body, headers }: StoredResponse): Promise<Response> {
  return new Response(await withTexts(db, body), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
  });
}
