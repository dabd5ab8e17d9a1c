import { pageSchema } from "../http/page.ts";
import { type ApiRoute, commandRoute, queryRoute } from "../http/route.ts";
import { getQuota } from "./get-node.ts";
import { listQuotas } from "./list-nodes.ts";
import { updateQuota } from "./update-node.ts";
import { ListQuotas, Quota, UpdateQuotaBody, UpdateQuotaQuery } from "./wire.ts";

export const quotaRoutes: readonly ApiRoute[] = [
  queryRoute(
    {
      method: "get",
      path: "/quotas",
      summary: { zh: "列出配额节点", en: "List quota nodes" },
      query: ListQuotas,
      status: 200,
      response: pageSchema(Quota),
    },
    listQuotas,
  ),
  queryRoute(
    {
      method: "get",
      path: "/quotas/{nodeId}",
      summary: { zh: "查看一个配额节点", en: "Get one quota node" },
      status: 200,
      response: Quota,
    },
    getQuota,
    (body) => ({ body, generation: body.generation }),
  ),
  commandRoute(
    {
      method: "put",
      path: "/quotas/{nodeId}",
      summary: { zh: "调整配额限额", en: "Change the limits of a quota node" },
      query: UpdateQuotaQuery,
      body: UpdateQuotaBody,
      status: 200,
      response: Quota,
    },
    updateQuota,
    (body) => ({ body, generation: body.generation }),
  ),
];
