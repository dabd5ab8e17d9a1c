import { pageSchema } from "../http/page.ts";
import { type ApiRoute, commandRoute, queryRoute } from "../http/route.ts";
import { Cloud } from "./cloud-view.ts";
import { getCloud } from "./get-cloud.ts";
import { getPool } from "./get-pool.ts";
import { listClouds } from "./list-clouds.ts";
import { listPools } from "./list-pools.ts";
import { resumeCloud } from "./resume-cloud.ts";
import { suspendCloud } from "./suspend-cloud.ts";
import { updateInventory } from "./update-inventory.ts";
import {
  ChangedPool,
  ChangeStatusBody,
  ListClouds,
  ListPools,
  Pool,
  UpdateInventoryBody,
  UpdateInventoryQuery,
} from "./wire.ts";

const tagged = <Body extends { readonly generation: number }>(body: Body) => ({
  body,
  generation: body.generation,
});

export const cloudRoutes: readonly ApiRoute[] = [
  queryRoute(
    {
      method: "get",
      path: "/clouds",
      summary: { zh: "列出云", en: "List clouds" },
      query: ListClouds,
      status: 200,
      response: pageSchema(Cloud),
    },
    listClouds,
  ),
  queryRoute(
    {
      method: "get",
      path: "/clouds/{id}",
      summary: { zh: "查看一朵云", en: "Get one cloud" },
      status: 200,
      response: Cloud,
    },
    getCloud,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/clouds/{id}/suspend",
      summary: { zh: "暂停在该云上分配", en: "Stop placing on a cloud" },
      body: ChangeStatusBody,
      status: 200,
      response: Cloud,
    },
    suspendCloud,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/clouds/{id}/resume",
      summary: { zh: "恢复在该云上分配", en: "Place on a cloud again" },
      body: ChangeStatusBody,
      status: 200,
      response: Cloud,
    },
    resumeCloud,
    tagged,
  ),
  queryRoute(
    {
      method: "get",
      path: "/pools",
      summary: { zh: "列出资源池", en: "List resource pools" },
      query: ListPools,
      status: 200,
      response: pageSchema(Pool),
    },
    listPools,
  ),
  queryRoute(
    {
      method: "get",
      path: "/pools/{id}",
      summary: { zh: "查看一个资源池", en: "Get one resource pool" },
      status: 200,
      response: Pool,
    },
    getPool,
    tagged,
  ),
  commandRoute(
    {
      method: "put",
      path: "/pools/{id}/inventories/{resourceClass}",
      summary: {
        zh: "调整资源池容量、预留、超分比或单位",
        en: "Change capacity, reserve, overcommit or units",
      },
      query: UpdateInventoryQuery,
      body: UpdateInventoryBody,
      status: 200,
      response: ChangedPool,
    },
    updateInventory,
    tagged,
  ),
];
