import { pageSchema } from "../http/page.ts";
import { type ApiRoute, commandRoute, queryRoute, streamRoute } from "../http/route.ts";
import { explainRequest } from "./explain/explain.ts";
import { ExplainQuery, Explanation } from "./explain/wire.ts";
import { getPolicy } from "./get.ts";
import { readImpact, serveImpact } from "./impact/serve.ts";
import { ImpactBody, ImpactLine } from "./impact/wire.ts";
import { listPolicies } from "./list.ts";
import { activatePolicy } from "./register/activate.ts";
import { draftPolicy } from "./register/draft.ts";
import { retirePolicy } from "./register/retire.ts";
import { validatePolicy } from "./register/validate.ts";
import { getPolicyVersion, listPolicyVersions } from "./register/versions.ts";
import {
  DraftBody,
  DraftQuery,
  PolicyValidation,
  PolicyVersion,
  PolicyVersions,
  RetireBody,
  ValidatePolicy,
} from "./register/wire.ts";
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
    // Which version is in force changes with the clock too, so that an ETag of it would mislead.
    (body) => ({ body }),
  ),
  queryRoute(
    {
      method: "post",
      path: "/policies/validate",
      summary: { zh: "校验策略而不保存", en: "Check a policy without keeping it" },
      body: ValidatePolicy,
      status: 200,
      response: PolicyValidation,
    },
    validatePolicy,
  ),
  commandRoute(
    {
      method: "post",
      path: "/policies",
      summary: { zh: "提交策略草案", en: "Draft a version of a policy" },
      query: DraftQuery,
      body: DraftBody,
      status: 201,
      response: PolicyVersion,
    },
    draftPolicy,
    (body) => ({
      ...tagged(body),
      location: `/api/v1/policies/${body.policy.id}/versions/${body.policy.version}`,
    }),
  ),
  queryRoute(
    {
      method: "get",
      path: "/policies/{id}/versions",
      summary: { zh: "列出策略的全部版本", en: "List the versions of a policy" },
      status: 200,
      response: PolicyVersions,
    },
    listPolicyVersions,
  ),
  queryRoute(
    {
      method: "get",
      path: "/policies/{id}/versions/{version}",
      summary: { zh: "查看策略的一个版本及其差异", en: "Get a version of a policy with its difference" },
      status: 200,
      response: PolicyVersion,
    },
    getPolicyVersion,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/policies/{id}/versions/{version}/activate",
      summary: { zh: "启用策略版本", en: "Put a version of a policy in force" },
      query: DraftQuery,
      status: 200,
      response: PolicyVersion,
    },
    activatePolicy,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/policies/{id}/versions/{version}/retire",
      summary: { zh: "停用策略版本", en: "Take a version of a policy out of force" },
      body: RetireBody,
      status: 200,
      response: PolicyVersion,
    },
    retirePolicy,
    tagged,
  ),
  streamRoute(
    {
      method: "post",
      path: "/policies/impact",
      summary: { zh: "启用前的影响分析", en: "What a policy would change if it were activated" },
      body: ImpactBody,
      status: 200,
      mediaType: "application/x-ndjson",
      response: ImpactLine,
    },
    readImpact,
    serveImpact,
  ),
  queryRoute(
    {
      method: "get",
      path: "/tenancy-requests/{id}/explanation",
      summary: { zh: "说明申请为何如此决定", en: "Explain a decision by its facts and rules" },
      query: ExplainQuery,
      status: 200,
      response: Explanation,
    },
    explainRequest,
  ),
];

function tagged<Body extends { readonly generation: number }>(body: Body) {
  return { body, generation: body.generation };
}
