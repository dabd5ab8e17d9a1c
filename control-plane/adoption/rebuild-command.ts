import { ProviderFault } from "../../providers/faults.ts";
import { allConnections } from "../clouds/store.ts";
import type { App } from "../context.ts";
import type { CloudId } from "../kernel/ids.ts";
import type { OverLimitChoice } from "../over-limits/wire.ts";
import type { Clouds } from "../provisioning/clouds.ts";
import { livePlacementNames } from "../tenancies/store.ts";
import { commandCtx } from "./command-ctx.ts";
import { type FoundTenancy, findTenancies } from "./found.ts";
import { byTenancy, type MarkedTenancy, rebuildTenancy } from "./rebuild-tenancy.ts";
import { inOwnTransaction } from "./rehearse.ts";
import { amountsIn, reasonLines, visible } from "./tell.ts";

export interface RebuildOptions {
  readonly dryRun: boolean;
  /** The last day of the terms, which no cloud knows. */
  readonly termEnd: string;
  /** Goes on where a cloud does not answer: tenancies with a part there are then recorded without it. */
  readonly partial: boolean;
  readonly overLimit: OverLimitChoice | undefined;
}

type Print = (line: string) => void;

/**
 * `yunheng rebuild`: after the loss of the database, records again what bears this installation's mark in the clouds
 * of the province. Doing it again records nothing twice.
 * @returns the exit code: 1 where something was not recovered
 */
export async function rebuildCommand(
  app: App,
  clouds: Clouds,
  options: RebuildOptions,
  print: Print,
): Promise<number> {
  const { found, away } = await lookEverywhere(app, clouds);
  for (const line of away) print(line);
  if (away.length > 0 && !options.partial) {
    print(
      "有云未能查看，未恢复任何内容；--partial 可继续 / A cloud was not seen, nothing is recovered; --partial goes on",
    );
    return 1;
  }
  let recovered = 0;
  const marked = byTenancy(found);
  for (const tenancy of marked) if (await rebuildOne(app, tenancy, options, print)) recovered += 1;
  const lost = marked.length - recovered;
  print(`恢复 ${recovered}，未能恢复 ${lost} / recovered ${recovered}, not recovered ${lost}`);
  if (recovered > 0) for (const line of UNKNOWN) print(line);
  if (options.dryRun) print("试运行，未写入任何内容 / Dry run, nothing written");
  return lost === 0 && away.length === 0 ? 0 : 1;
}

/** What no mark says: people have to look at it. */
const UNKNOWN = [
  "云上标记不含：申请、审批与审计记录 / marks do not tell: requests, approvals, audit entries",
  "云上标记不含：期限（按 --until 填写）、环境（按生产环境填写）、试运行确认 / nor: terms (as --until says), environments (taken as production), confirmations of the trial",
];

/** All clouds at once: one that hangs keeps none of the others waiting. */
async function lookEverywhere(app: App, clouds: Clouds): Promise<{ found: FoundTenancy[]; away: string[] }> {
  const away: string[] = [];
  const connections = await app.db.withTx((tx) => allConnections(tx));
  const looks = await Promise.all(
    connections.map(async ({ id }) => {
      try {
        return await markedIn(app, clouds, id);
      } catch (error) {
        if (!(error instanceof ProviderFault)) throw error;
        away.push(visible(`未能查看 not seen: ${id}: ${error.kind}: ${error.message}`));
        return [];
      }
    }),
  );
  return { found: looks.flat(), away };
}

async function markedIn(app: App, clouds: Clouds, cloudId: CloudId): Promise<FoundTenancy[]> {
  const provider = await clouds.open(cloudId);
  const known = await app.db.withTx((tx) => livePlacementNames(tx, cloudId));
  const isLost = ({ ownership, name }: FoundTenancy["tenancy"]) =>
    ownership?.installation === app.config.INSTALLATION && !known.has(name);
  return findTenancies(provider, cloudId, isLost, { requestId: `rebuild ${cloudId}` });
}

async function rebuildOne(
  app: App,
  marked: MarkedTenancy,
  { dryRun, termEnd, overLimit }: RebuildOptions,
  print: Print,
): Promise<boolean> {
  const { tenancyId } = marked.ownership;
  try {
    const { organizationId, system, parts, systemIsNew } = await inOwnTransaction(
      app.db,
      dryRun,
      async (tx) =>
        rebuildTenancy(tx, await commandCtx(app, `rebuild ${tenancyId}`), marked, termEnd, overLimit),
    );
    const held = parts
      .map(({ role, cloudId, amounts }) => `${role} ${cloudId}: ${amountsIn(amounts)}`)
      .join("; ");
    print(visible(`恢复 recovered: ${tenancyId} → ${organizationId} ${system.name} (${held})`));
    if (systemIsNew) {
      print(
        visible(
          `  系统未在文件中登记，等级按所在资源池记为 ${system.mlpsLevel} / the system is in no document: its level is taken to be ${system.mlpsLevel}, that of its pool`,
        ),
      );
    }
    return true;
  } catch (error) {
    const names = marked.parts.map(({ cloudId, tenancy }) => `${cloudId}/${tenancy.name}`).join(", ");
    print(visible(`未能恢复 not recovered: ${tenancyId} (${names})`));
    for (const line of reasonLines(error)) print(visible(`  ${line}`));
    return false;
  }
}
