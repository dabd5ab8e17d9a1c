import { OpenAPIHono } from "@hono/zod-openapi";
import type { App, Caller } from "../../control-plane/context.ts";
import { problemResponse, refusalOf } from "../../control-plane/http/problem.ts";
import { type ApiRoute, type Env, mount } from "../../control-plane/http/route.ts";

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body of a JSON answer. */
  readonly body: Record<string, unknown>;
  readonly text: string;
}

export type TestCall = (
  caller: Caller,
  line: string,
  request?: { readonly body?: unknown; readonly headers?: Record<string, string> },
) => Promise<TestAnswer>;

/** Serves routes without a socket and without tokens: `await call(caller, "GET /clouds?tier=industry")`. */
export function apiOf(app: App, routes: readonly ApiRoute[]): TestCall {
  return async (caller, line, request = {}) => {
    const [method, path] = line.split(" ");
    if (method === undefined || path === undefined) throw new Error(`not a request line: ${line}`);
    const hono = new OpenAPIHono<Env>();
    hono.use(async (c, next) => {
      c.set("requestId", caller.requestId);
      c.set("caller", caller);
      await next();
    });
    hono.onError((error) => problemResponse(refusalOf(error), caller.requestId));
    mount(hono, app, routes);
    const response = await hono.request(`/api/v1${path}`, {
      method,
      headers: {
        ...(request.body === undefined ? {} : { "content-type": "application/json" }),
        ...request.headers,
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const text = await response.text();
    const isJson = /^application\/(problem\+)?json\b/.test(response.headers.get("content-type") ?? "");
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : {},
      text,
    };
  };
}

/** The items of a page. */
export function itemsOf(answer: TestAnswer): Record<string, unknown>[] {
  const { items } = answer.body;
  if (!Array.isArray(items)) throw new Error(`no page: ${answer.text}`);
  return items;
}

export const idsOf = (answer: TestAnswer): unknown[] => itemsOf(answer).map(({ id }) => id);
