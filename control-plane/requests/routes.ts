import { type ApiRoute, commandRoute, queryRoute } from "../http/route.ts";
import { TriedExplanation } from "../policy/explain/wire.ts";
import { acceptRequest } from "./accept.ts";
import { approveRequest } from "./approve.ts";
import { dryRunRequest, explainDryRun } from "./dry-run.ts";
import { getRequest } from "./get.ts";
import { listRequests } from "./list.ts";
import { rejectRequest } from "./reject.ts";
import { reviewRequest } from "./review.ts";
import { submitRequest } from "./submit.ts";
import {
  ApproveBody,
  ListRequests,
  ReasonBody,
  RequestPage,
  RequestView,
  StepBody,
  WithdrawBody,
} from "./wire.ts";
import { TenancyRequestBody } from "./wire-body.ts";
import { withdrawRequest } from "./withdraw.ts";

const step = (name: string, zh: string, en: string) => ({
  method: "post" as const,
  path: `/tenancy-requests/{id}/${name}`,
  summary: { zh, en },
  status: 200 as const,
  response: RequestView,
});

const SETTLED = {
  zh: "已作出决定，不再办理（拒绝，或无需审批的续期）",
  en: "Settled at once, by a denial or by a renewal that nobody has to approve",
};

export const requestRoutes: readonly ApiRoute[] = [
  commandRoute(
    {
      method: "post",
      path: "/tenancy-requests",
      summary: { zh: "提交使用申请", en: "Submit a tenancy request" },
      body: TenancyRequestBody,
      status: 202,
      response: RequestView,
      also: [{ status: 201, response: RequestView, description: SETTLED }],
      bodyKey: "body",
    },
    submitRequest,
    (row) => ({
      body: row,
      // After a denial, and after a renewal that nobody has to approve, nothing goes on.
      status: row.status === "rejected" || row.status === "closed" ? 201 : 202,
      generation: row.generation,
      location: `/api/v1/tenancy-requests/${row.id}`,
    }),
  ),
  queryRoute(
    {
      method: "post",
      path: "/tenancy-requests/dry-run",
      summary: { zh: "试算申请，不保存", en: "Try a request; nothing is kept" },
      body: TenancyRequestBody,
      status: 200,
      response: RequestView,
      bodyKey: "body",
    },
    dryRunRequest,
  ),
  queryRoute(
    {
      method: "post",
      path: "/tenancy-requests/explain",
      summary: {
        zh: "说明申请会如何决定及原因，不保存",
        en: "Explain how a request would be decided; nothing is kept",
      },
      body: TenancyRequestBody,
      status: 200,
      response: TriedExplanation,
      bodyKey: "body",
    },
    explainDryRun,
  ),
  queryRoute(
    {
      method: "get",
      path: "/tenancy-requests",
      summary: { zh: "查询使用申请", en: "List tenancy requests" },
      query: ListRequests,
      status: 200,
      response: RequestPage,
    },
    listRequests,
  ),
  queryRoute(
    {
      method: "get",
      path: "/tenancy-requests/{id}",
      summary: { zh: "查看使用申请", en: "Read a tenancy request" },
      status: 200,
      response: RequestView,
    },
    getRequest,
    (row) => ({ body: row, generation: row.generation }),
  ),
  commandRoute({ ...step("accept", "受理", "Accept"), body: StepBody }, acceptRequest, answer),
  commandRoute({ ...step("review", "审核", "Review"), body: StepBody }, reviewRequest, answer),
  commandRoute({ ...step("reject", "驳回", "Reject"), body: ReasonBody }, rejectRequest, answer),
  commandRoute(
    { ...step("approve", "审批方案", "Approve a plan"), body: ApproveBody },
    approveRequest,
    answer,
  ),
  commandRoute({ ...step("withdraw", "撤回", "Withdraw"), body: WithdrawBody }, withdrawRequest, answer),
];

function answer<View extends { generation: number }>(row: View) {
  return { body: row, generation: row.generation };
}
