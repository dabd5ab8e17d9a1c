import { readFile } from "node:fs/promises";
import { ProviderFault } from "../../providers/faults.ts";
import type { App } from "../context.ts";
import { type CloudId, knownId } from "../kernel/ids.ts";
import type { OverLimitChoice } from "../over-limits/wire.ts";
import type { Clouds } from "../provisioning/clouds.ts";
import { livePlacementNames } from "../tenancies/store.ts";
import { commandCtx } from "./command-ctx.ts";
import { type FoundTenancy, findTenancies } from "./found.ts";
import { importTenancy } from "./import-cloud.ts";
import { matchRules } from "./match.ts";
import { inOwnTransaction } from "./rehearse.ts";
import { type ImportRule, RulesError, readRules } from "./rules.ts";
import { amountsIn, reasonLines, visible } from "./tell.ts";

export interface ImportOptions {
  readonly cloudId: string;
  readonly rulesFile: string;
  readonly dryRun: boolean;
  readonly overLimit: OverLimitChoice | undefined;
}

type Print = (line: string) => void;

/**
 * `yunheng import`: lists what a cloud holds without a mark, says whose it is by the rules, and takes it in. Each by
 * itself, so that one that cannot be taken in keeps none of the others. Doing it again takes in nothing twice.
 * @returns the exit code: 1 where something that a rule names was not taken in
 */
export async function importCommand(
  app: App,
  clouds: Clouds,
  options: ImportOptions,
  print: Print,
): Promise<number> {
  const cloudId = knownId<CloudId>(options.cloudId);
  const tally = { taken: 0, unmatched: 0, left: 0, refused: 0 };
  try {
    const rules = readRules(options.rulesFile, await readFile(options.rulesFile, "utf8"));
    const found = await unmarkedIn(app, clouds, cloudId);
    for (const one of found) tally[await importOne(app, one, rules, options, print)] += 1;
  } catch (error) {
    const complaint = complaintOf(error);
    if (complaint === null) throw error;
    for (const line of complaint) print(line);
    return 1;
  }
  const { taken, unmatched, left, refused } = tally;
  print(
    `纳管 ${taken}，未匹配 ${unmatched}，不纳管 ${left}，未能纳管 ${refused} / imported ${taken}, unmatched ${unmatched}, left ${left}, refused ${refused}`,
  );
  if (options.dryRun) print("试运行，未写入任何内容 / Dry run, nothing written");
  return refused === 0 ? 0 : 1;
}

/** What bears no mark and is not on record either: between record and mark a cloud may take its time. */
async function unmarkedIn(app: App, clouds: Clouds, cloudId: CloudId): Promise<FoundTenancy[]> {
  const provider = await clouds.open(cloudId);
  const known = await app.db.withTx((tx) => livePlacementNames(tx, cloudId));
  const isForeign = ({ ownership, name }: FoundTenancy["tenancy"]) => ownership === null && !known.has(name);
  return findTenancies(provider, cloudId, isForeign, { requestId: `import ${cloudId}` });
}

async function importOne(
  app: App,
  found: FoundTenancy,
  rules: readonly ImportRule[],
  { dryRun, overLimit }: ImportOptions,
  print: Print,
): Promise<"taken" | "unmatched" | "left" | "refused"> {
  const { name, displayName } = found.tenancy;
  const what = visible(displayName === name || displayName === "" ? name : `${name} (${displayName})`);
  const matched = matchRules(rules, found.tenancy);
  if (matched === null) {
    print(`未匹配 unmatched: ${what}`);
    return "unmatched";
  }
  if ("left" in matched) {
    print(`不纳管 left: ${what}: ${visible(matched.left)}`);
    return "left";
  }
  try {
    const landing = await inOwnTransaction(app.db, dryRun, async (tx) =>
      importTenancy(tx, await commandCtx(app, `import ${found.cloudId}`), found, matched, overLimit),
    );
    const { organizationId, system, parts } = landing;
    const held = parts.map(({ amounts }) => amountsIn(amounts)).join("; ");
    print(visible(`纳管 import: ${what} → ${organizationId} ${system.name} (${held})`));
    return "taken";
  } catch (error) {
    print(`未能纳管 refused: ${what}`);
    for (const line of reasonLines(error)) print(visible(`  ${line}`));
    return "refused";
  }
}

function complaintOf(error: unknown): string[] | null {
  if (error instanceof RulesError) return error.message.split("\n");
  if (error instanceof ProviderFault) return [`${error.kind}: ${visible(error.message)}`];
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return [error.message];
  return null;
}
