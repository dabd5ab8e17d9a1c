import { type ApiRoute, commandRoute, queryRoute } from "../http/route.ts";
import { confirmTenancy } from "./confirm.ts";
import { getTenancy } from "./get.ts";
import { listTenancies } from "./list.ts";
import { repairTenancy } from "./repair.ts";
import { resumeTenancy } from "./resume.ts";
import { suspendTenancy } from "./suspend.ts";
import {
  ConfirmBody,
  ListTenancies,
  RepairBody,
  ResumeBody,
  StartedTenancy,
  SuspendBody,
  Tenancy,
  TenancyPage,
} from "./wire.ts";

const tagged = <Body extends { readonly generation: number }>(body: Body) => ({
  body,
  generation: body.generation,
});

const startedAnswer = (body: StartedTenancy) => ({
  ...tagged(body),
  location: `/api/v1/operations/${body.operationId}`,
});

export const tenancyRoutes: readonly ApiRoute[] = [
  queryRoute(
    {
      method: "get",
      path: "/tenancies",
      summary: { zh: "查询租户", en: "List tenancies" },
      query: ListTenancies,
      status: 200,
      response: TenancyPage,
    },
    listTenancies,
  ),
  queryRoute(
    {
      method: "get",
      path: "/tenancies/{id}",
      summary: { zh: "查看租户", en: "Read a tenancy" },
      status: 200,
      response: Tenancy,
    },
    getTenancy,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/tenancies/{id}/confirm",
      summary: { zh: "确认试运行（三方各一次）", en: "Confirm the trial run, once per party" },
      body: ConfirmBody,
      status: 200,
      response: Tenancy,
    },
    confirmTenancy,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/tenancies/{id}/suspend",
      summary: { zh: "暂停租户", en: "Suspend a tenancy" },
      body: SuspendBody,
      status: 202,
      response: StartedTenancy,
    },
    suspendTenancy,
    startedAnswer,
  ),
  commandRoute(
    {
      method: "post",
      path: "/tenancies/{id}/resume",
      summary: { zh: "恢复租户", en: "Resume a tenancy" },
      body: ResumeBody,
      status: 202,
      response: StartedTenancy,
    },
    resumeTenancy,
    startedAnswer,
  ),
  commandRoute(
    {
      method: "post",
      path: "/tenancies/{id}/repair",
      summary: { zh: "按批复修复漂移", en: "Bring a drifted tenancy back to what was granted" },
      body: RepairBody,
      status: 202,
      response: StartedTenancy,
    },
    repairTenancy,
    startedAnswer,
  ),
];
