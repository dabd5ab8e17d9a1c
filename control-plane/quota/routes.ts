import { pageSchema } from "../http/page.ts";
import { type ApiRoute, commandRoute, queryRoute } from "../http/route.ts";
import { getQuota } from "./get-node.ts";
import { listQuotas } from "./list-nodes.ts";
import { moveQuota } from "./move-node.ts";
import { updateQuota } from "./update-node.ts";
import { ChangedQuota, ListQuotas, MoveQuotaBody, Quota, UpdateQuotaBody, UpdateQuotaQuery } from "./wire.ts";

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
      response: ChangedQuota,
    },
    updateQuota,
    (body) => ({ body, generation: body.generation }),
  ),
  commandRoute(
    {
      method: "post",
      path: "/quotas/{nodeId}/move",
      summary: { zh: "将配额节点移到另一上级之下", en: "Move a quota node to another parent" },
      query: UpdateQuotaQuery,
      body: MoveQuotaBody,
      status: 200,
      response: ChangedQuota,
    },
    moveQuota,
    (body) => ({ body, generation: body.generation }),
  ),
];
