import { z } from "@hono/zod-openapi";
import { type ApiRoute, streamRoute } from "../http/route.ts";
import { ComplianceQuery } from "./compliance/question.ts";
import { MEDIA_TYPES, serveCompliance } from "./compliance/serve.ts";
import { ComplianceReport } from "./compliance/wire.ts";
import { readReport, serveReport } from "./serve.ts";
import { AllocationReport, ReportQuery } from "./wire.ts";

const TABLE = {
  mediaType: "text/csv",
  response: z.string(),
  description: { zh: "同一报表的其他形式", en: "The same report in another form" },
};

export const reportRoutes: readonly ApiRoute[] = [
  streamRoute(
    {
      method: "get",
      path: "/reports/allocations",
      summary: { zh: "资源分配报表（JSON 或 CSV）", en: "Who holds what, where and why, as JSON or CSV" },
      query: ReportQuery,
      status: 200,
      response: AllocationReport,
      also: [TABLE],
    },
    readReport("allocations"),
    serveReport("allocations"),
  ),
  streamRoute(
    {
      method: "get",
      path: "/reports/compliance",
      summary: {
        zh: "合规报告（JSON、CSV、XLSX、OSCAL、HTML、PDF）",
        en: "The compliance report as JSON, CSV, XLSX, OSCAL, HTML or PDF",
      },
      query: ComplianceQuery,
      status: 200,
      response: ComplianceReport,
      also: Object.values(MEDIA_TYPES)
        .filter((mediaType) => !mediaType.startsWith("application/json"))
        .map((mediaType) => ({ ...TABLE, mediaType: mediaType.split(";")[0] ?? mediaType })),
    },
    readReport("compliance"),
    serveCompliance,
  ),
];
