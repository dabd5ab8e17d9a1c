import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Env } from "./route.ts";

/** The API as OpenAPI 3.1, from the schemas that also check the input. */
export function openApiDocument(hono: OpenAPIHono<Env>) {
  hono.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  return hono.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "云衡 Yunheng",
      version: "0.1.0",
      description: "省级 1+M+N 政务云统建共用管控平面 / Control plane of a province's 1+M+N government cloud",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: "/" }],
  });
}
