import { z } from "@hono/zod-openapi";
import { type ApiRoute, streamRoute } from "../http/route.ts";
import { readReport, serveReport } from "./serve.ts";
import { AllocationReport, ComplianceReport, ReportQuery } from "./wire.ts";

const TABLE = {
  mediaType: "text/csv",
  response: z.string(),
  description: { zh: "同一报表的表格形式", en: "The same report as a table" },
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
        zh: "规则符合情况报表（JSON 或 CSV）",
        en: "Which rules each tenancy keeps now, as JSON or CSV",
      },
      query: ReportQuery,
      status: 200,
      response: ComplianceReport,
      also: [TABLE],
    },
    readReport("compliance"),
    serveReport("compliance"),
  ),
];
