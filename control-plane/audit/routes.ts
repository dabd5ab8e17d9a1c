import { z } from "@hono/zod-openapi";
import { pageSchema } from "../http/page.ts";
import { type ApiRoute, queryRoute, streamRoute } from "../http/route.ts";
import { beginExport } from "./export.ts";
import { getAuditEntry } from "./get-entry.ts";
import { listCheckpoints } from "./list-checkpoints.ts";
import { listAuditEntries } from "./list-entries.ts";
import { streamExport } from "./stream-export.ts";
import {
  AuditEntryResource,
  CheckpointResource,
  ExportAudit,
  ListAuditEntries,
  ListCheckpoints,
} from "./wire.ts";

export const auditRoutes: readonly ApiRoute[] = [
  queryRoute(
    {
      method: "get",
      path: "/audit/entries",
      summary: { zh: "查询审计记录", en: "List audit entries" },
      query: ListAuditEntries,
      status: 200,
      response: pageSchema(AuditEntryResource),
    },
    listAuditEntries,
  ),
  queryRoute(
    {
      method: "get",
      path: "/audit/entries/{id}",
      summary: { zh: "查看一条审计记录", en: "Get one audit entry" },
      status: 200,
      response: AuditEntryResource,
    },
    getAuditEntry,
  ),
  queryRoute(
    {
      method: "get",
      path: "/audit/checkpoints",
      summary: { zh: "列出审计检查点", en: "List audit checkpoints" },
      query: ListCheckpoints,
      status: 200,
      response: pageSchema(CheckpointResource),
    },
    listCheckpoints,
  ),
  streamRoute(
    {
      method: "get",
      path: "/audit/export",
      summary: { zh: "导出审计链", en: "Export the audit chain" },
      query: ExportAudit,
      status: 200,
      response: z.string(),
      mediaType: "application/jsonl",
    },
    // It writes its audit row, but to a client it is a read: no Idempotency-Key, no If-Match.
    { name: beginExport.name, permission: beginExport.permission, effect: "read" },
    (app, _ctx, c) => streamExport(app, c.get("caller"), c.req.query()),
  ),
];
