import type { Tx } from "../db/tx.ts";
import type { Clock } from "../kernel/clock.ts";
import { canonicalJson } from "../kernel/hash.ts";
import { type CloudId, type Ids, knownId, type OrganizationId } from "../kernel/ids.ts";
import { dueOn } from "./due-date.ts";
import {
  type ComplianceFindingRow,
  insertFindingEvents,
  insertFindings,
  lockFindingsOf,
  saveFinding,
  seenAgain,
} from "./finding-rows.ts";
import { afterAssessment } from "./lifecycle.ts";
import { ownerOf, type Resource } from "./resource.ts";
import type { SettledResult } from "./settle-verdict.ts";

/** A result that somebody has to do something about, or would have to without an exemption. */
export interface Deficiency {
  readonly resource: Resource;
  readonly result: SettledResult;
}

interface Settling {
  readonly clock: Clock;
  readonly ids: Ids;
  /** Today in China, and the moment of the run. */
  readonly day: string;
  readonly at: Date;
}

export interface FindingChanges {
  readonly opened: number;
  readonly resolved: number;
  readonly reopened: number;
}

/** Brings the findings of whole units to what an assessment has seen: what is not among the deficiencies is kept, or gone. */
export async function settleFindings(
  tx: Tx,
  settling: Settling,
  units: readonly string[],
  deficiencies: readonly Deficiency[],
): Promise<FindingChanges> {
  const known = new Map((await lockFindingsOf(tx, units)).map((row) => [keyOf(row), row]));
  const opened: ComplianceFindingRow[] = [];
  const changed: ComplianceFindingRow[] = [];
  const same: ComplianceFindingRow[] = [];
  for (const deficiency of deficiencies) {
    const { resource, result } = deficiency;
    const key = keyOf({ resourceKey: resource.key, controlId: result.control.id });
    const before = known.get(key);
    known.delete(key);
    if (before === undefined) opened.push(newFinding(settling, deficiency));
    else {
      const after = seenNow(settling, before, deficiency);
      if (isSame(before, after)) same.push(before);
      else changed.push(after);
    }
  }
  for (const row of known.values()) {
    if (row.status !== "resolved") changed.push(resolvedNow(row, settling.at));
  }
  await write(tx, settling, { opened, changed, same });
  const resolved = changed.filter(({ status }) => status === "resolved").length;
  const reopened = changed.filter(({ status }) => status === "reopened").length;
  return { opened: opened.length, resolved, reopened };
}

async function write(
  tx: Tx,
  { at }: Settling,
  rows: Readonly<Record<"opened" | "changed" | "same", ComplianceFindingRow[]>>,
): Promise<void> {
  insertFindings(tx, rows.opened);
  for (const row of rows.changed) await saveFinding(tx, row);
  await seenAgain(
    tx,
    rows.same.map(({ id }) => id),
    at,
  );
  insertFindingEvents(
    tx,
    [...rows.opened, ...rows.changed].map(({ id, status, assignee, dueOn: due }) => ({
      findingId: id,
      at,
      status,
      assignee,
      dueOn: due,
      by: "assessment",
      reason: null,
    })),
  );
}

function newFinding({ ids, day, at }: Settling, { resource, result }: Deficiency): ComplianceFindingRow {
  const { control, exemption } = result;
  return {
    id: ids.next("cfn"),
    resourceKey: resource.key,
    controlId: control.id,
    unit: resource.unit,
    organizationId:
      resource.organizationId === null ? null : knownId<OrganizationId>(resource.organizationId),
    cloudId: resource.cloudId === null ? null : knownId<CloudId>(resource.cloudId),
    ...described(resource, result),
    status: exemption === null ? "open" : "exempted",
    owner: ownerOf(resource),
    assignee: null,
    dueOn: dueOn(control.severity, day),
    firstSeenAt: at,
    lastSeenAt: at,
    resolvedAt: null,
    generation: 1,
  };
}

function described(resource: Resource, { control, verdict, shortfalls, exemption }: SettledResult) {
  return {
    resource,
    framework: control.framework,
    rule: control.rule,
    severity: control.severity,
    verdict,
    shortfalls: [...shortfalls],
    exemptionId: exemption?.id ?? null,
  };
}

function seenNow(
  { day, at }: Settling,
  before: ComplianceFindingRow,
  { resource, result }: Deficiency,
): ComplianceFindingRow {
  const status = afterAssessment(before.status, result.exemption === null ? "deficient" : "exempted");
  const again = status === "reopened" && before.status !== "reopened";
  return {
    ...before,
    ...described(resource, result),
    status,
    // Whoever had it before has nothing to do with it any more until somebody says so.
    assignee: again ? null : before.assignee,
    dueOn: again ? dueOn(result.control.severity, day) : before.dueOn,
    lastSeenAt: at,
    resolvedAt: null,
    generation: before.generation + 1,
  };
}

function resolvedNow(before: ComplianceFindingRow, at: Date): ComplianceFindingRow {
  return { ...before, status: "resolved", resolvedAt: at, generation: before.generation + 1 };
}

function isSame(before: ComplianceFindingRow, after: ComplianceFindingRow): boolean {
  return (
    before.status === after.status &&
    before.verdict === after.verdict &&
    before.severity === after.severity &&
    before.exemptionId === after.exemptionId &&
    canonicalJson(before.shortfalls) === canonicalJson(after.shortfalls)
  );
}

function keyOf({ resourceKey, controlId }: Pick<ComplianceFindingRow, "resourceKey" | "controlId">): string {
  return `${resourceKey} ${controlId}`;
}
