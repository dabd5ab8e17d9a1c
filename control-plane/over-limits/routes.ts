import { pageSchema } from "../http/page.ts";
import { type ApiRoute, commandRoute, queryRoute } from "../http/route.ts";
import { chooseOverLimit } from "./choose.ts";
import { getOverLimit } from "./get.ts";
import { listOverLimits } from "./list.ts";
import { ChooseBody, ConsequencesView, ListOverLimits, OverLimit } from "./wire.ts";

const tagged = <Body extends { readonly generation: number }>(body: Body) => ({
  body,
  generation: body.generation,
});

export const overLimitRoutes: readonly ApiRoute[] = [
  queryRoute(
    {
      method: "get",
      path: "/over-limits",
      summary: { zh: "列出超出下调限额的情况", en: "List who is over a lowered limit" },
      query: ListOverLimits,
      status: 200,
      response: pageSchema(OverLimit),
    },
    listOverLimits,
  ),
  queryRoute(
    {
      method: "get",
      path: "/over-limits/{id}",
      summary: { zh: "查看一个超限情况", en: "Get one case" },
      status: 200,
      response: OverLimit,
    },
    getOverLimit,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/over-limits/{id}/choose",
      summary: { zh: "改变处理方式：冻结、宽限或缩减", en: "Choose again: freeze, grace or shrink" },
      body: ChooseBody,
      status: 200,
      response: OverLimit.extend({ consequences: ConsequencesView.nullable() }),
    },
    chooseOverLimit,
    tagged,
  ),
];
