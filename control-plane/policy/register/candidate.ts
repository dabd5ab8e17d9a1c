import type { Tx } from "../../db/tx.ts";
import { chinaDate } from "../../kernel/calendar.ts";
import { fault } from "../../kernel/fault.ts";
import { digestOf } from "../../kernel/hash.ts";
import { compilePolicy } from "../compile.ts";
import { ExpressionError } from "../expression.ts";
import { clashes } from "../load.ts";
import type { CompiledPolicy, PolicySet } from "../policy-set.ts";
import type { PolicyIssue } from "../yaml-document.ts";
import {
  type Book,
  type BookedExemption,
  type BookedVersion,
  compiledExemption,
  exemptionsAt,
  setAt,
  spansOf,
} from "./book.ts";
import { bookedVersion, loadBook, type VersionRow, versionsOf } from "./store.ts";

/** A version that is not in force yet, looked at as if it were. */
export interface Candidate {
  readonly policy: CompiledPolicy;
  readonly contentHash: string;
  /** The version that it would follow. */
  readonly predecessor: VersionRow | null;
  /** The first moment at which it would be in force. */
  readonly from: Date;
  /** The rules as they would be then. */
  readonly set: PolicySet;
}

/** @throws a fault with the code of the first thing that is wrong, and with all of them in its details */
export function compiledOrRefused(yaml: string, pack: string): CompiledPolicy {
  const compiled = compilePolicy({ pack, file: "policy.yaml", text: yaml });
  if (compiled.policy === null) throw refusalOf(compiled.issues);
  return compiled.policy;
}

function refusalOf(issues: readonly PolicyIssue[]) {
  const [first] = issues;
  return fault(first?.code ?? "policy.document_invalid", { issues });
}

/** What would be if the policy were activated now. @throws Fault where it could not be */
export async function candidateOf(tx: Tx, policy: CompiledPolicy, now: Date): Promise<Candidate> {
  const { id, version, effective } = policy.document.metadata;
  const known = await versionsOf(tx, id);
  const [predecessor = null] = known.filter(({ status }) => status !== "draft");
  if (predecessor !== null && predecessor.version >= version) {
    const same = predecessor.version === version;
    const code = same ? "policy.version_immutable" : "policy.version_not_newer";
    throw fault(code, { id, version, activated: predecessor.version });
  }
  if (effective?.until !== undefined && effective.until < chinaDate(now)) {
    throw fault("policy.document_invalid", {
      issues: [`metadata.effective.until: ${effective.until} is over`],
    });
  }
  const contentHash = digestOf(policy.document);
  const entry = {
    pack: policy.pack,
    contentHash,
    document: policy.document,
    activatedAt: now,
    retiredAt: null,
  };
  const { set, from } = consequences(await loadBook(tx), policy, entry);
  return { policy, contentHash, predecessor, from, set };
}

function consequences(
  book: Book,
  policy: CompiledPolicy,
  entry: BookedVersion,
): { set: PolicySet; from: Date } {
  const after = { ...book, versions: [...book.versions, entry] };
  const span = spansOf(after.versions).find((one) => one.entry === entry);
  const from = new Date(span?.from ?? entry.activatedAt);
  assertExemptible(policy, exemptionsAt(book, from).exemptions);
  const set = setAt(after, from);
  const issues = clashes(set.policies);
  if (issues.length > 0) throw refusalOf(issues);
  return { set, from };
}

/** An exemption that was made for the predecessor may ask for facts that this version does not see. */
function assertExemptible(policy: CompiledPolicy, exemptions: readonly BookedExemption[]): void {
  const { id } = policy.document.metadata;
  for (const exemption of exemptions.filter(({ policyIds }) => policyIds.includes(id))) {
    try {
      compiledExemption(policy, exemption);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw fault("exemption.not_applicable", { exemptionId: exemption.id, reason: error.message });
    }
  }
}

/** The rules as they would be without a version. */
export function setWithout(book: Book, row: VersionRow, now: Date): PolicySet {
  const gone = bookedVersion({ ...row, retiredAt: now });
  const others = book.versions.filter(
    ({ document: { metadata } }) => metadata.id !== row.id || metadata.version !== row.version,
  );
  return setAt({ ...book, versions: gone === null ? others : [...others, gone] }, now);
}
