import type { AuditEvent } from "../../audit/record.ts";
import type { EventDraft } from "../../events/publish.ts";
import { compileKept } from "../compile.ts";
import { policyOf } from "../wire.ts";
import { spansOf } from "./book.ts";
import { differenceOf, readable } from "./difference.ts";
import { bookedVersion, type VersionRow } from "./store.ts";
import type { PolicyVersion } from "./wire.ts";

/** A version among all versions of its policy. */
export function versionView(row: VersionRow, all: readonly VersionRow[], now: Date): PolicyVersion {
  const before = all
    .filter(({ version, status }) => version < row.version && status !== "draft")
    .toSorted((left, right) => right.version - left.version)
    .at(0);
  const difference = differenceOf(before?.document ?? null, row.document);
  const span = spansOf(all.flatMap((one) => bookedVersion(one) ?? [])).find(
    ({ entry }) => entry.document.metadata.version === row.version,
  );
  return {
    policy: policyOf(compileKept(row.pack, row.id, row.document)),
    source: row.source,
    status: row.status,
    inForce: span !== undefined && span.from <= now.getTime() && now.getTime() < span.until,
    from: moment(span?.from),
    until: moment(span?.until),
    author: row.author,
    approver: row.approver,
    createdAt: row.createdAt.toISOString(),
    activatedAt: row.activatedAt?.toISOString() ?? null,
    retiredAt: row.retiredAt?.toISOString() ?? null,
    reason: row.reason,
    contentHash: row.contentHash,
    difference: difference.map(({ path, before, after }) => ({ path, before, after })),
    readable: readable(difference),
    generation: row.generation,
  };
}

function moment(at: number | undefined): string | null {
  return at === undefined || at === Number.POSITIVE_INFINITY ? null : new Date(at).toISOString();
}

export function policyAudit(
  action: "policy.draft" | "policy.activate" | "policy.retire",
  row: VersionRow,
  view: PolicyVersion,
): AuditEvent {
  const { version, status, contentHash } = row;
  return {
    action,
    targetType: "policy",
    targetId: row.id,
    reason: row.reason,
    after: { version, status, contentHash, from: view.from, until: view.until, difference: view.readable },
  };
}

export function policyEvent({ id, version, status }: VersionRow): EventDraft {
  return {
    type: "policy.changed",
    subjectId: id,
    organizationId: null,
    cloudId: null,
    data: { version, status },
  };
}
