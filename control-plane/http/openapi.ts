import { OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import { VERSION } from "../version.ts";
import type { ApiRoute } from "./route.ts";

/** The API as OpenAPI 3.1, from the routes themselves and the schemas that also check the input. */
export function openApiDocument(routes: readonly ApiRoute[]) {
  const described = new OpenAPIHono();
  for (const route of routes) described.openAPIRegistry.registerPath(describe(route));
  described.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
  });
  return described.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "云衡 Yunheng",
      version: VERSION,
      description: "省级 1+M+N 政务云统建共用管控平面 / Control plane of a province's 1+M+N government cloud",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: "/" }],
  });
}

const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    message: z.string(),
    messageZh: z.string(),
    requestId: z.string(),
    details: z.record(z.string(), z.unknown()),
  })
  .openapi("Problem");

function describe(route: ApiRoute): RouteConfig {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  const params = z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
  const headers = z.object({
    ...(route.verb.effect === "write" ? { "Idempotency-Key": z.string().optional() } : {}),
    ...(route.ifMatch ? { "If-Match": z.string().optional() } : {}),
    ...route.headers?.shape,
  });
  return {
    method: route.method,
    path: `/api/v1${route.path}`,
    operationId: route.verb.name,
    summary: `${route.summary.zh} / ${route.summary.en}`,
    tags: [route.path.split("/")[1] ?? ""],
    security: [{ bearer: [] }],
    request: {
      params,
      headers,
      ...(route.query ? { query: route.query } : {}),
      ...(route.body
        ? { body: { required: true, content: { "application/json": { schema: route.body } } } }
        : {}),
    },
    responses: {
      ...answersOf(route),
      default: { description: "Problem", content: { "application/problem+json": { schema: ProblemSchema } } },
    },
  };
}

function answersOf({ status, mediaType = JSON_TYPE, response, summary, also = [] }: ApiRoute) {
  const sameStatus = also.filter((other) => other.status === undefined);
  const content = [{ mediaType, response }, ...sameStatus].map(contentOf);
  const answers: RouteConfig["responses"] = {
    [status]: { description: summary.en, content: Object.fromEntries(content) },
  };
  for (const other of also) {
    if (other.status === undefined) continue;
    answers[other.status] = {
      description: other.description.en,
      content: Object.fromEntries([contentOf(other)]),
    };
  }
  return answers;
}

const JSON_TYPE = "application/json";

function contentOf(answer: { readonly mediaType?: string; readonly response: z.ZodType }) {
  return [answer.mediaType ?? JSON_TYPE, { schema: answer.response }] as const;
}
