import { endOfChinaDate, startOfChinaDate } from "../../kernel/calendar.ts";
import { compileKept } from "../compile.ts";
import {
  type CompiledExemption,
  compileResources,
  type ExemptedResources,
  type ExemptionCategory,
} from "../exemption.ts";
import { ExpressionError } from "../expression.ts";
import { withInheritance } from "../inheritance.ts";
import { type CompiledPolicy, type PolicySet, policySetOf } from "../policy-set.ts";
import type { PolicyDocument } from "../schema.ts";

/** A version that was activated. */
export interface BookedVersion {
  readonly pack: string;
  /** Of the document. */
  readonly contentHash: string;
  readonly document: PolicyDocument;
  readonly activatedAt: Date;
  readonly retiredAt: Date | null;
}

/** An exemption that was approved. */
export interface BookedExemption {
  readonly id: string;
  readonly policyIds: readonly string[];
  readonly validations: readonly string[] | null;
  readonly resources: ExemptedResources;
  readonly category: ExemptionCategory;
  readonly approvedAt: Date;
  /** The last day on which it holds, in China. */
  readonly expiresOn: string;
  readonly revokedAt: Date | null;
}

/** All that was ever in force: what was in force at any moment follows from it. */
export interface Book {
  readonly versions: readonly BookedVersion[];
  readonly exemptions: readonly BookedExemption[];
}

/** From the first moment on, until before the second. */
interface Span {
  readonly from: number;
  readonly until: number;
}

/** The versions in force at a moment, and when that changes next by itself (in milliseconds). */
export function versionsAt(book: Book, at: Date): { versions: BookedVersion[]; changesAt: number } {
  const { entries: versions, changesAt } = inForceAt(spansOf(book.versions), at);
  return { versions, changesAt };
}

export function exemptionsAt(book: Book, at: Date): { exemptions: BookedExemption[]; changesAt: number } {
  const spans = book.exemptions.map((exemption) => ({ entry: exemption, ...exemptionSpan(exemption) }));
  const { entries: exemptions, changesAt } = inForceAt(spans, at);
  return { exemptions, changesAt };
}

/** An exemption ends with its last day: everywhere at the same moment, since nobody computes it otherwise. */
function exemptionSpan({ approvedAt, expiresOn, revokedAt }: BookedExemption): Span {
  const end = endOfChinaDate(expiresOn).getTime();
  return { from: approvedAt.getTime(), until: Math.min(end, revokedAt?.getTime() ?? end) };
}

/** The set of rules that these versions and exemptions make. Pure. @throws Error where one is broken */
export function setOf(versions: readonly BookedVersion[], exemptions: readonly BookedExemption[]): PolicySet {
  const policies = versions.map((version) => compiledVersion(version));
  return policySetOf(withExemptions(withInheritance(policies), exemptions));
}

/** The set of rules in force at a moment, with the exemptions in force at it. Pure. */
export function setAt(book: Book, at: Date): PolicySet {
  return setOf(versionsAt(book, at).versions, exemptionsAt(book, at).exemptions);
}

function inForceAt<Entry>(spans: readonly (Span & { entry: Entry })[], at: Date) {
  // `Infinity` where nothing will change by itself.
  const now = at.getTime();
  const edges = spans.flatMap(({ from, until }) => [from, until]).filter((edge) => edge > now);
  return {
    entries: spans.filter(({ from, until }) => from <= now && now < until).map(({ entry }) => entry),
    changesAt: Math.min(...edges),
  };
}

/** Of each policy one version after the other: a successor ends its predecessor, also if it ends itself before. */
export function spansOf(versions: readonly BookedVersion[]): (Span & { entry: BookedVersion })[] {
  const byId = new Map<string, (Span & { entry: BookedVersion })[]>();
  const sorted = versions.toSorted(
    (left, right) => left.document.metadata.version - right.document.metadata.version,
  );
  for (const entry of sorted) {
    const span = { entry, ...statedSpan(entry) };
    // Retired before its first day: it never was.
    if (span.until <= span.from) continue;
    const { id } = entry.document.metadata;
    const before = (byId.get(id) ?? []).map((one) => ({ ...one, until: Math.min(one.until, span.from) }));
    byId.set(id, [...before.filter(({ from, until }) => from < until), span]);
  }
  return [...byId.values()].flat();
}

function statedSpan({ document, activatedAt, retiredAt }: BookedVersion): Span {
  const { from, until } = document.metadata.effective ?? {};
  const first = from === undefined ? activatedAt.getTime() : startOfChinaDate(from).getTime();
  const last = until === undefined ? Number.POSITIVE_INFINITY : endOfChinaDate(until).getTime();
  return {
    from: Math.max(first, activatedAt.getTime()),
    until: Math.min(last, retiredAt?.getTime() ?? last),
  };
}

/** By pack and content: compiling takes longer than everything else here. */
const COMPILED = new Map<string, CompiledPolicy>();
const COMPILED_MAX = 5000;

function compiledVersion({ pack, contentHash, document }: BookedVersion): CompiledPolicy {
  const key = `${pack}/${contentHash}`;
  const known = COMPILED.get(key);
  if (known !== undefined) return known;
  const { id, version } = document.metadata;
  const compiled = compileKept(pack, `${pack}/${id} version ${version}`, document);
  if (COMPILED.size >= COMPILED_MAX) COMPILED.clear();
  COMPILED.set(key, compiled);
  return compiled;
}

function withExemptions(
  policies: readonly CompiledPolicy[],
  exemptions: readonly BookedExemption[],
): CompiledPolicy[] {
  return policies.map((policy) => {
    const own = exemptions.filter(({ policyIds }) => policyIds.includes(policy.document.metadata.id));
    const compiled = own.flatMap((one) => compiledOrNone(policy, one));
    return compiled.length === 0 ? policy : { ...policy, exemptions: compiled };
  });
}

/** What cannot be asked of this version excuses nothing; whoever activates or approves is told before. */
function compiledOrNone(policy: CompiledPolicy, exemption: BookedExemption): CompiledExemption[] {
  try {
    return [compiledExemption(policy, exemption)];
  } catch (error) {
    if (error instanceof ExpressionError) return [];
    throw error;
  }
}

/** @throws ExpressionError where its resources cannot be told by the facts that the policy sees */
export function compiledExemption(
  { subject }: Pick<CompiledPolicy, "subject">,
  { id, category, expiresOn, validations, resources }: Omit<BookedExemption, "approvedAt" | "revokedAt">,
): CompiledExemption {
  const applied = { id, category, expiresOn };
  return { applied, validations, resources: compileResources(subject, resources) };
}
