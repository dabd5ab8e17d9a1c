import { z } from "zod";
import type { Grant } from "../authz/scope.ts";
import type { App, Caller } from "../context.ts";
import { type Fault, isFault } from "../kernel/fault.ts";
import { FAULT_CODES } from "../kernel/fault-codes.ts";
import { chooseOverLimit } from "../over-limits/choose.ts";
import { openCases } from "../over-limits/store.ts";
import { type Consequences, OverLimitChoice } from "../over-limits/wire.ts";
import { parsed, perform } from "../verb.ts";
import { applyProvince } from "./apply.ts";
import { formatPlan } from "./format-plan.ts";
import { countsOf } from "./province.ts";
import { readProvince } from "./read.ts";

export interface ApplyOptions {
  readonly directory: string;
  readonly dryRun: boolean;
  readonly prune: boolean;
  /** `freeze`, `grace:2027-01-31` or `shrink`; without it a lowered limit that somebody is over is refused. */
  readonly overLimit?: string | undefined;
}

/**
 * `yunheng apply`: prints the plan and carries it out, or prints why not, one reason a line.
 * Returns the exit code; what is not a refusal is thrown.
 */
export async function applyCommand(
  app: App,
  { directory, dryRun, prune, overLimit: chosen }: ApplyOptions,
  out: (line: string) => void,
): Promise<number> {
  try {
    const province = await readProvince(directory);
    const overLimit = chosen === undefined ? undefined : parseChoice(chosen);
    const input = { province, prune, dryRun, ...(overLimit === undefined ? {} : { overLimit }) };
    const { changes, consequences } = await perform(app, operator(app), applyProvince, input);
    for (const line of formatPlan(changes).trimEnd().split("\n")) out(line);
    for (const line of linesOf(consequences)) out(line);
    if (overLimit?.choice === "shrink" && !dryRun) await shrink(app, consequences, out);
    const { provincialClouds, municipalClouds, industryClouds, pools, organizations } = countsOf(province);
    const clouds = `${provincialClouds}+${municipalClouds}+${industryClouds}`;
    out(
      `文件：${clouds} 朵云，${pools} 个资源池，${organizations} 个机构 / Documents: ${clouds} clouds, ${pools} pools, ${organizations} organizations`,
    );
    if (dryRun) out("试运行，未写入任何内容 / Dry run, nothing written");
    else if (changes.length > 0) out("已生效 / Applied");
    return 0;
  } catch (error) {
    if (!isFault(error)) throw error;
    for (const line of refusalLines(error)) out(line);
    return 1;
  }
}

/** `grace:2027-01-31` says until when. */
export function parseChoice(text: string): OverLimitChoice {
  const [choice, until] = text.split(":");
  return parsed(OverLimitChoice, { choice, ...(until === undefined ? {} : { until }) });
}

function linesOf(consequences: readonly Consequences[]): string[] {
  return consequences.flatMap(({ choice, excesses }) =>
    excesses.map(({ nodeId, poolId, dimension, limit, missing }) => {
      const place = nodeId ?? poolId ?? "";
      return `超限 over limit: ${place} ${dimension} ${missing} > ${limit} (${choice})`;
    }),
  );
}

/** Each case by itself: the tenancies that are to shrink are locked before the limits that they are over. */
async function shrink(app: App, consequences: readonly Consequences[], out: (line: string) => void) {
  const excesses = consequences.flatMap((one) => one.excesses);
  const open = await app.db.withTx((tx) =>
    openCases(tx, {
      nodeIds: excesses.flatMap(({ nodeId }) => nodeId ?? []),
      poolIds: excesses.flatMap(({ poolId }) => poolId ?? []),
    }),
  );
  for (const { id } of open) {
    const { requestIds } = await perform(app, operator(app), chooseOverLimit, {
      id,
      overLimit: { choice: "shrink" },
    });
    out(`缩减申请 resizes asked for: ${requestIds.length === 0 ? "0" : requestIds.join(", ")}`);
  }
}

/** Whoever can start the program on the server holds the database anyway; the log says it was the system. */
function operator(app: App): Caller {
  const everywhere = { scopeKind: "province", scopeId: "", organizationPath: "" } as const;
  const grants: Grant[] = [
    { role: "system_administrator", ...everywhere },
    { role: "provincial_operator", ...everywhere },
  ];
  return {
    actor: { accountId: null, name: "system", organizationId: null, grants },
    requestId: `apply-${app.clock.now().toISOString()}`,
    sourceAddress: null,
  };
}

const Reason = z.object({ zh: z.string(), en: z.string() });
const Problems = z.object({
  problems: z.array(
    z.union([
      z.object({ file: z.string(), line: z.int(), column: z.int(), path: z.string(), reason: Reason }),
      z.object({ document: z.string(), path: z.string(), reason: Reason }),
    ]),
  ),
});

function refusalLines({ code, details }: Fault): string[] {
  const { zh, en } = FAULT_CODES[code].title;
  const parsed = Problems.safeParse(details);
  const reasons = parsed.success
    ? parsed.data.problems.map((problem) => {
        const { path, reason } = problem;
        const place =
          "file" in problem ? `${problem.file}:${problem.line}:${problem.column}` : problem.document;
        return visible(`${place} ${path === "" ? "" : `${path}: `}${reason.zh} / ${reason.en}`);
      })
    : Object.entries(details).flatMap(([name, value]) =>
        Array.isArray(value)
          ? value.map((entry) => `  ${JSON.stringify(entry)}`)
          : [`  ${name}: ${JSON.stringify(value)}`],
      );
  return [...reasons, `${code}: ${zh} / ${en}`];
}

/** A message may quote the file; control characters in it could rewrite the terminal. */
function visible(line: string): string {
  return line.replaceAll(/\p{C}/gu, "?");
}
