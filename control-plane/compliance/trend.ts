import { z } from "@hono/zod-openapi";
import type { Scope } from "../authz/scope.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { DAY_MS, plus } from "../kernel/clock.ts";
import { fault } from "../kernel/fault.ts";
import { slug } from "../kernel/input.ts";
import { defineQuery } from "../verb.ts";
import { type ScoreRow, scoresSince } from "./assessment-rows.ts";
import { countOverdue } from "./finding-rows.ts";
import { type Counts, scoreOf } from "./tally.ts";
import { CountsWire, Severity } from "./wire.ts";

export const TrendQuery = z.strictObject({
  framework: slug.optional().describe("A pack; absent: all of them together"),
  by: z.enum(["province", "cloud", "organization"]).default("province"),
  days: z.coerce.number().int().min(1).max(3660).default(90),
});

const Point = z.object({
  at: z.iso.datetime(),
  score: z.number().nullable().describe("Per cent of what applies; null where nothing does"),
  counts: CountsWire,
});

export const Trend = z
  .object({
    framework: z.string().nullable(),
    by: z.enum(["province", "cloud", "organization"]),
    series: z.array(z.object({ id: z.string().describe("Empty for all"), points: z.array(Point) })),
    overdue: z.array(z.object({ severity: Severity, count: z.int() })),
  })
  .openapi("ComplianceTrend");
export type Trend = z.infer<typeof Trend>;

/** Scores of every whole run over time, and what is overdue now. */
export const readTrend = defineQuery({
  name: "compliance.trend",
  permission: "compliance.read",
  input: TrendQuery,
  run: trend,
});

async function trend(tx: Tx, ctx: Ctx, { framework, by, days }: z.infer<typeof TrendQuery>): Promise<Trend> {
  const now = ctx.clock.now();
  if (by === "province" && !ctx.scope.everywhere) throw fault("auth.forbidden", { by });
  const rows = await scoresSince(tx, framework ?? "", by, plus(now, -days * DAY_MS));
  const series = new Map<string, ScoreRow[]>();
  for (const row of rows.filter((one) => isVisible(ctx.scope, one))) {
    const id = by === "cloud" ? row.cloudId : row.organizationId;
    series.set(id, [...(series.get(id) ?? []), row]);
  }
  return {
    framework: framework ?? null,
    by,
    series: [...series].map(([id, points]) => ({ id, points: points.map(pointOf) })),
    overdue: await countOverdue(tx, ctx.scope, framework, chinaDate(now)),
  };
}

function isVisible(scope: Scope, { cloudId, organizationPath }: ScoreRow): boolean {
  if (scope.everywhere) return true;
  if (cloudId !== "") return scope.cloudIds.some((id) => id === cloudId);
  return scope.organizationPaths.some((path) => organizationPath?.startsWith(path) ?? false);
}

function pointOf({ at, counts }: { at: Date; counts: Counts }) {
  const score = scoreOf(counts);
  return { at: at.toISOString(), score: score === null ? null : score / 10, counts };
}
