import { pageSchema } from "../http/page.ts";
import { type ApiRoute, queryRoute } from "../http/route.ts";
import { getPolicy } from "./get.ts";
import { listPolicies } from "./list.ts";
import { ListPolicies, Policy } from "./wire.ts";

export const policyRoutes: readonly ApiRoute[] = [
  queryRoute(
    {
      method: "get",
      path: "/policies",
      summary: { zh: "列出策略", en: "List policies" },
      query: ListPolicies,
      status: 200,
      response: pageSchema(Policy),
    },
    listPolicies,
  ),
  queryRoute(
    {
      method: "get",
      path: "/policies/{id}",
      summary: { zh: "查看一条策略", en: "Get one policy" },
      status: 200,
      response: Policy,
    },
    getPolicy,
    // The version stands in the document; it changes with the files, so that an ETag of it would mislead.
    (body) => ({ body }),
  ),
];
