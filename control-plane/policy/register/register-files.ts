import { record } from "../../audit/record.ts";
import type { App } from "../../context.ts";
import type { Tx } from "../../db/tx.ts";
import { digestOf } from "../../kernel/hash.ts";
import { systemCaller } from "../../provisioning/settle.ts";
import { clashes, PolicyLoadError } from "../load.ts";
import type { CompiledPolicy, PolicySet } from "../policy-set.ts";
import type { PolicyIssue } from "../yaml-document.ts";
import { setAt } from "./book.ts";
import { allVersions, insertVersions, loadBook, lockRegister, turnPage, type VersionRow } from "./store.ts";

/**
 * Puts the packs below POLICY_DIR into the register: a new version is in force from this moment on. A version that
 * is there already must be the same, and an older one than what is in force changes nothing, so that processes of
 * two releases may run side by side. What is no longer in the files stays in force until it is retired.
 * @throws PolicyLoadError where a version was changed without another number, or does not go with what is registered
 */
export async function registerFiles(
  app: Pick<App, "db" | "clock" | "ids" | "log">,
  files: PolicySet,
): Promise<void> {
  const registered = await app.db.read(async (tx) => {
    // Whatever is registered has to be usable by this release: otherwise nothing could be decided.
    setAt(await loadBook(tx), app.clock.now());
    return allVersions(tx);
  });
  // Nearly every start finds them all, and then locks nothing.
  if (sorted(files, registered).added.length === 0) return;
  await app.db.withTx(async (tx) => {
    await lockRegister(tx);
    const { added, older } = sorted(files, await allVersions(tx));
    for (const { document } of older) {
      app.log.warn({ policy: document.metadata }, "passed over: a later version of the policy is registered");
    }
    await add(tx, app, added);
  });
}

/** Which of the files are new, and which are behind. @throws PolicyLoadError */
function sorted(files: PolicySet, registered: readonly VersionRow[]) {
  const issues: PolicyIssue[] = [];
  const added: CompiledPolicy[] = [];
  const older: CompiledPolicy[] = [];
  for (const policy of files.policies) {
    const { id, version } = policy.document.metadata;
    const known = registered.filter((row) => row.id === id);
    const same = known.find((row) => row.version === version);
    if (same !== undefined) issues.push(...differences(policy, same));
    else if (known.some((row) => row.status !== "draft" && row.version > version)) older.push(policy);
    else added.push(policy);
  }
  if (issues.length > 0) throw new PolicyLoadError(issues);
  return { added, older };
}

function differences({ file, document }: CompiledPolicy, row: VersionRow): PolicyIssue[] {
  if (row.status !== "draft" && row.contentHash === digestOf(document)) return [];
  const { id, version } = document.metadata;
  const reason =
    row.status === "draft"
      ? `version ${version} of ${id} is a draft in the register`
      : `version ${version} of ${id} is registered with another content; a change needs a new version`;
  return [{ code: "policy.document_invalid", file, line: 1, column: 1, reason }];
}

async function add(
  tx: Tx,
  app: Pick<App, "clock" | "ids">,
  policies: readonly CompiledPolicy[],
): Promise<void> {
  const now = app.clock.now();
  await insertVersions(
    tx,
    policies.map(({ pack, document }) => ({
      id: document.metadata.id,
      version: document.metadata.version,
      pack,
      document,
      contentHash: digestOf(document),
      source: "file" as const,
      status: "active" as const,
      createdAt: now,
      activatedAt: now,
    })),
  );
  const issues = clashes(setAt(await loadBook(tx), now).policies);
  if (issues.length > 0) throw new PolicyLoadError(issues);
  await turnPage(tx);
  await record(
    tx,
    { ...systemCaller("policy files"), clock: app.clock, ids: app.ids },
    policies.map(({ file, document: { metadata } }) => ({
      action: "policy.activate" as const,
      targetType: "policy",
      targetId: metadata.id,
      after: { version: metadata.version, source: "file", file },
    })),
  );
}
