import { pageSchema } from "../../http/page.ts";
import { type ApiRoute, commandRoute, queryRoute } from "../../http/route.ts";
import { approveExemption, rejectExemption, revokeExemption } from "./decide.ts";
import { getExemption, listExemptions } from "./list.ts";
import { requestExemption } from "./request.ts";
import { EndBody, Exemption, ListExemptions, RequestExemption } from "./wire.ts";

const tagged = (body: Exemption) => ({ body, generation: body.generation });

export const exemptionRoutes: readonly ApiRoute[] = [
  commandRoute(
    {
      method: "post",
      path: "/exemptions",
      summary: { zh: "申请豁免", en: "Ask for an exemption" },
      body: RequestExemption,
      status: 201,
      response: Exemption,
    },
    requestExemption,
    (body) => ({ ...tagged(body), location: `/api/v1/exemptions/${body.id}` }),
  ),
  queryRoute(
    {
      method: "get",
      path: "/exemptions",
      summary: { zh: "列出豁免", en: "List exemptions" },
      query: ListExemptions,
      status: 200,
      response: pageSchema(Exemption),
    },
    listExemptions,
  ),
  queryRoute(
    {
      method: "get",
      path: "/exemptions/{id}",
      summary: { zh: "查看一项豁免", en: "Get one exemption" },
      status: 200,
      response: Exemption,
    },
    getExemption,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/exemptions/{id}/approve",
      summary: { zh: "批准豁免", en: "Approve an exemption" },
      status: 200,
      response: Exemption,
    },
    approveExemption,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/exemptions/{id}/reject",
      summary: { zh: "驳回豁免", en: "Reject an exemption" },
      body: EndBody,
      status: 200,
      response: Exemption,
    },
    rejectExemption,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/exemptions/{id}/revoke",
      summary: { zh: "撤销豁免", en: "End an exemption before its time" },
      body: EndBody,
      status: 200,
      response: Exemption,
    },
    revokeExemption,
    tagged,
  ),
];
