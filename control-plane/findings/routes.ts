import { type ApiRoute, commandRoute, queryRoute } from "../http/route.ts";
import { getFinding } from "./get-finding.ts";
import { ignoreFinding } from "./ignore-finding.ts";
import { listFindings } from "./list-findings.ts";
import { removeFinding } from "./remove-finding.ts";
import { DecisionBody, Finding, FindingPage, ListFindings } from "./wire.ts";

const tagged = (body: Finding) => ({ body, generation: body.generation });

export const findingRoutes: readonly ApiRoute[] = [
  queryRoute(
    {
      method: "get",
      path: "/findings",
      summary: { zh: "列出云上的未登记对象", en: "List what clouds hold and nobody has recorded" },
      query: ListFindings,
      status: 200,
      response: FindingPage,
    },
    listFindings,
  ),
  queryRoute(
    {
      method: "get",
      path: "/findings/{id}",
      summary: { zh: "查看一项发现", en: "Get one finding" },
      status: 200,
      response: Finding,
    },
    getFinding,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/findings/{id}/ignore",
      summary: { zh: "保留该对象", en: "Leave the object where it is" },
      body: DecisionBody,
      status: 200,
      response: Finding,
    },
    ignoreFinding,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/findings/{id}/remove",
      summary: { zh: "在云上删除该遗留租户", en: "Remove an orphan at its cloud" },
      body: DecisionBody,
      status: 202,
      response: Finding,
    },
    removeFinding,
    tagged,
  ),
];
