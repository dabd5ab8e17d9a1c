import type { Scope } from "../authz/scope.ts";
import type { App } from "../context.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { assess, type PolicyVerdict } from "../policy/evaluate.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { DISCLAIMER } from "./disclaimer.ts";
import { type JudgedPart, judgedParts } from "./judged-parts.ts";
import type { Cell, Report } from "./report.ts";
import type { ReportFilters } from "./rows.ts";
import { Tally } from "./tally.ts";
import type { ComplianceRow, PolicySummary } from "./wire.ts";

/** Which rules every live tenancy keeps now: one row per part of a tenancy and rule. */
export async function complianceReport(
  app: App,
  scope: Scope,
  filters: ReportFilters,
): Promise<Report<ComplianceRow>> {
  const { organizationId = null, cloudId = null } = filters;
  const now = app.clock.now();
  const policies = await app.db.read((tx) => app.policies.inForce(tx, now));
  const tally = new Tally(policies.bySubject.tenancy);
  return {
    head: {
      report: "compliance",
      generatedAt: now.toISOString(),
      filters: { organizationId, cloudId },
      policyDigest: policies.digest,
      disclaimer: DISCLAIMER,
    },
    pages: judgedPages(policies, judgedParts(app, scope, filters, chinaDate(now)), tally),
    foot: () => ({ summary: tally.summary() }),
    columns: COLUMNS,
    cellsOf,
    lastRecords: () => [...tally.summary().map(summaryCells), DISCLAIMER_CELLS],
  };
}

async function* judgedPages(
  policies: PolicySet,
  pages: AsyncGenerator<readonly JudgedPart[]>,
  tally: Tally,
): AsyncGenerator<readonly ComplianceRow[]> {
  for await (const page of pages) {
    const rows = page.flatMap((part) =>
      assess(policies, part.about, part.facts).map((verdict) => rowOf(part, verdict)),
    );
    tally.add(rows);
    yield rows;
  }
}

function rowOf({ tenancy, system, part }: JudgedPart, found: PolicyVerdict): ComplianceRow {
  const { policy, verdict, violations, exempted } = found;
  const { metadata, spec } = policy.document;
  return {
    tenancyId: tenancy.id,
    status: tenancy.status,
    organizationId: tenancy.organizationId,
    system: { id: tenancy.systemId, name: system?.name ?? tenancy.granted.facts.system.name },
    place: { cloudId: part.cloudId, poolId: part.poolId, role: part.role },
    policyId: metadata.id,
    policyVersion: metadata.version,
    rule: metadata.rule,
    title: metadata.title,
    basis: spec.basis,
    action: spec.action,
    severity: policy.severity,
    assessment: spec.assessment,
    verdict,
    exempted,
    violations: violations.map(({ validationId, message, actual, required, error, exemption }) => ({
      validationId,
      message,
      actual,
      required,
      error,
      exemption,
    })),
  };
}

const COLUMNS = [
  "record",
  "tenancyId",
  "status",
  "organizationId",
  "systemId",
  "system",
  "cloudId",
  "poolId",
  "role",
  "policyId",
  "policyVersion",
  "rule",
  "titleZh",
  "titleEn",
  "basis",
  "action",
  "severity",
  "assessment",
  "verdict",
  "messageZh",
  "messageEn",
  "actual",
  "required",
  "pass",
  "fail",
  "notApplicable",
  "exemptions",
];

function cellsOf(row: ComplianceRow): readonly Cell[] {
  const { violations, place } = row;
  const joined = (textOf: (violation: ComplianceRow["violations"][number]) => string) =>
    violations.map(textOf).join("; ");
  return [
    "verdict",
    row.tenancyId,
    row.status,
    row.organizationId,
    row.system.id,
    row.system.name,
    place.cloudId,
    place.poolId,
    place.role,
    row.policyId,
    row.policyVersion,
    row.rule,
    row.title.zh,
    row.title.en,
    row.basis.map(({ standard, clause }) => [standard, clause].filter(Boolean).join(" ")).join("; "),
    row.action,
    row.severity,
    row.assessment,
    row.verdict,
    joined(({ message }) => message.zh),
    joined(({ message, error }) => (error === null ? message.en : `${message.en} (${error})`)),
    joined(({ actual }) => shownIn(actual)),
    joined(({ required }) => shownIn(required)),
    null,
    null,
    null,
    joined(({ exemption }) => exemption?.id ?? ""),
  ];
}

function summaryCells({ policyId, rule, title, pass, fail, notApplicable }: PolicySummary): readonly Cell[] {
  const cells = { record: "summary", policyId, rule, titleZh: title.zh, titleEn: title.en };
  return inColumns({ ...cells, pass, fail, notApplicable });
}

function inColumns(cells: Readonly<Record<string, Cell>>): readonly Cell[] {
  return COLUMNS.map((column) => cells[column] ?? null);
}

const DISCLAIMER_CELLS = inColumns({
  record: "disclaimer",
  messageZh: DISCLAIMER.zh,
  messageEn: DISCLAIMER.en,
});

function shownIn(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
