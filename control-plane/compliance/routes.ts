import { z } from "@hono/zod-openapi";
import { type ApiRoute, commandRoute, queryRoute, streamRoute } from "../http/route.ts";
import { acknowledgeFinding } from "./acknowledge-finding.ts";
import { addEvidence } from "./add-evidence.ts";
import { Evidence, EvidencePage, EvidenceQuery, ListEvidence, WithdrawBody } from "./evidence-wire.ts";
import { getAssessment } from "./get-assessment.ts";
import { getEvidence } from "./get-evidence.ts";
import { getComplianceFinding } from "./get-finding.ts";
import { listAssessments } from "./list-assessments.ts";
import { listEvidence } from "./list-evidence.ts";
import { listComplianceFindings } from "./list-findings.ts";
import { remediateFinding } from "./remediate-finding.ts";
import { resolveFinding } from "./resolve-finding.ts";
import { readEvidence, receiveEvidence, sendEvidence } from "./serve-evidence.ts";
import { startAssessment } from "./start-assessment.ts";
import { readTrend, Trend, TrendQuery } from "./trend.ts";
import {
  Assessment,
  AssessmentPage,
  ComplianceFinding,
  ComplianceFindingPage,
  FindingWithHistory,
  ListAssessments,
  ListFindings,
  StartAssessmentBody,
  StepBody,
} from "./wire.ts";
import { withdrawEvidence } from "./withdraw-evidence.ts";

const tagged = <Body extends { readonly generation: number }>(body: Body) => ({
  body,
  generation: body.generation,
});

const step = { body: StepBody, status: 200, response: ComplianceFinding, method: "post" } as const;

export const complianceRoutes: readonly ApiRoute[] = [
  queryRoute(
    {
      method: "get",
      path: "/compliance/assessments",
      summary: { zh: "列出合规评估", en: "List assessments" },
      query: ListAssessments,
      status: 200,
      response: AssessmentPage,
    },
    listAssessments,
  ),
  commandRoute(
    {
      method: "post",
      path: "/compliance/assessments",
      summary: { zh: "立即评估全省", en: "Assess everything now" },
      body: StartAssessmentBody,
      status: 202,
      response: Assessment,
    },
    startAssessment,
    (body) => ({ body, location: `/api/v1/compliance/assessments/${body.id}` }),
  ),
  queryRoute(
    {
      method: "get",
      path: "/compliance/assessments/{id}",
      summary: { zh: "查看一次评估及其进度", en: "Get one assessment and its progress" },
      status: 200,
      response: Assessment,
    },
    getAssessment,
  ),
  queryRoute(
    {
      method: "get",
      path: "/compliance/findings",
      summary: { zh: "列出合规问题", en: "List what is not kept" },
      query: ListFindings,
      status: 200,
      response: ComplianceFindingPage,
    },
    listComplianceFindings,
  ),
  queryRoute(
    {
      method: "get",
      path: "/compliance/findings/{id}",
      summary: { zh: "查看一个合规问题及其经过", en: "Get one finding with its history" },
      status: 200,
      response: FindingWithHistory,
    },
    getComplianceFinding,
    tagged,
  ),
  commandRoute(
    {
      ...step,
      path: "/compliance/findings/{id}/acknowledge",
      summary: { zh: "确认合规问题", en: "Acknowledge a finding" },
    },
    acknowledgeFinding,
    tagged,
  ),
  commandRoute(
    {
      ...step,
      path: "/compliance/findings/{id}/remediate",
      summary: { zh: "开始整改", en: "Begin to put it right" },
    },
    remediateFinding,
    tagged,
  ),
  commandRoute(
    {
      ...step,
      path: "/compliance/findings/{id}/resolve",
      summary: { zh: "关闭合规问题", en: "Close a finding" },
    },
    resolveFinding,
    tagged,
  ),
  queryRoute(
    {
      method: "get",
      path: "/compliance/trend",
      summary: { zh: "合规得分走势与逾期问题", en: "Scores over time, and what is overdue" },
      query: TrendQuery,
      status: 200,
      response: Trend,
    },
    readTrend,
  ),
  queryRoute(
    {
      method: "get",
      path: "/compliance/evidence",
      summary: { zh: "列出证据", en: "List evidence" },
      query: ListEvidence,
      status: 200,
      response: EvidencePage,
    },
    listEvidence,
  ),
  streamRoute(
    {
      method: "post",
      path: "/compliance/evidence",
      summary: { zh: "提交证据文件（请求体即文件）", en: "Hand in a file as evidence; the body is the file" },
      query: EvidenceQuery,
      status: 201,
      response: Evidence,
    },
    addEvidence,
    receiveEvidence,
  ),
  queryRoute(
    {
      method: "get",
      path: "/compliance/evidence/{id}",
      summary: { zh: "查看一份证据", en: "Get one piece of evidence" },
      status: 200,
      response: Evidence,
    },
    getEvidence,
    tagged,
  ),
  streamRoute(
    {
      method: "get",
      path: "/compliance/evidence/{id}/file",
      summary: { zh: "下载证据文件", en: "Download the file" },
      status: 200,
      response: z.string(),
      mediaType: "application/octet-stream",
    },
    readEvidence,
    sendEvidence,
  ),
  commandRoute(
    {
      method: "post",
      path: "/compliance/evidence/{id}/withdraw",
      summary: { zh: "撤回证据", en: "Withdraw evidence" },
      body: WithdrawBody,
      status: 200,
      response: Evidence,
    },
    withdrawEvidence,
    tagged,
  ),
];
