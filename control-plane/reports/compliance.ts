import type { Scope } from "../authz/scope.ts";
import type { App } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { loadTopology, organizationFacts } from "../placement/load-snapshot.ts";
import { assess, type PolicyVerdict } from "../policy/evaluate.ts";
import { DISCLAIMER } from "./disclaimer.ts";
import { factsNow, type Topology, topologyOf } from "./facts-now.ts";
import { pagesOver } from "./pages.ts";
import type { Cell, Report } from "./report.ts";
import { partsOf, type ReportFilters, type ReportPart, type ReportTenancy } from "./rows.ts";
import { Tally } from "./tally.ts";
import type { ComplianceRow, PolicySummary } from "./wire.ts";

/** Which rules every live tenancy keeps now: one row per part of a tenancy and rule. */
export function complianceReport(app: App, scope: Scope, filters: ReportFilters): Report<ComplianceRow> {
  const { organizationId = null, cloudId = null } = filters;
  const now = app.clock.now();
  const tally = new Tally(app.policies.bySubject.tenancy);
  return {
    head: {
      report: "compliance",
      generatedAt: now.toISOString(),
      filters: { organizationId, cloudId },
      policyDigest: app.policies.digest,
      disclaimer: DISCLAIMER,
    },
    pages: judgedPages(app, scope, filters, chinaDate(now), tally),
    foot: () => ({ summary: tally.summary() }),
    columns: COLUMNS,
    cellsOf,
    lastRecords: () => [...tally.summary().map(summaryCells), DISCLAIMER_CELLS],
  };
}

async function* judgedPages(
  app: App,
  scope: Scope,
  filters: ReportFilters,
  today: string,
  tally: Tally,
): AsyncGenerator<readonly ComplianceRow[]> {
  const topology = topologyOf(await app.db.withTx((tx) => loadTopology(tx)));
  for await (const page of pagesOver(app, scope, filters, subjectsOf)) {
    const rows = page.flatMap((subject) => rowsOf(app, topology, today, subject, filters));
    tally.add(rows);
    yield rows;
  }
}

interface Subject extends ReportTenancy {
  readonly parts: readonly ReportPart[];
}

async function subjectsOf(tx: Tx, tenancies: readonly ReportTenancy[]): Promise<Subject[]> {
  const ids = tenancies.map(({ tenancy }) => tenancy.id);
  const parts = new Map<string, ReportPart[]>();
  for (const part of await partsOf(tx, ids)) {
    parts.set(part.tenancyId, [...(parts.get(part.tenancyId) ?? []), part]);
  }
  return tenancies.map((one) => ({ ...one, parts: parts.get(one.tenancy.id) ?? [] }));
}

function rowsOf(
  { policies }: App,
  topology: Topology,
  today: string,
  subject: Subject,
  { cloudId }: ReportFilters,
): ComplianceRow[] {
  const { tenancy, organization, system, parts } = subject;
  const judged = {
    granted: tenancy.granted.facts,
    organization: organizationFacts(organization),
    system: system === null ? null : { mlpsLevel: system.mlpsLevel, dataClass: system.dataClass },
    parts,
  };
  const shown = parts.filter((part) => cloudId === undefined || part.cloudId === cloudId);
  return shown.flatMap((part) => {
    const facts = factsNow(topology, today, judged, part);
    // What is asked of the tenancy as a whole is asked once.
    const about = part.role === "primary" ? "tenancy" : "placement";
    return assess(policies, about, facts).map((verdict) => rowOf(subject, part, verdict));
  });
}

function rowOf({ tenancy, system }: Subject, part: ReportPart, found: PolicyVerdict): ComplianceRow {
  const { policy, verdict, violations } = found;
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
    violations: violations.map(({ validationId, message, actual, required, error }) => ({
      validationId,
      message,
      actual,
      required,
      error,
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
