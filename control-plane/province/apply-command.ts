import { z } from "zod";
import type { App, Caller } from "../context.ts";
import { type Fault, isFault } from "../kernel/fault.ts";
import { FAULT_CODES } from "../kernel/fault-codes.ts";
import { perform } from "../verb.ts";
import { applyProvince } from "./apply.ts";
import { formatPlan } from "./format-plan.ts";
import { countsOf } from "./province.ts";
import { readProvince } from "./read.ts";

export interface ApplyOptions {
  readonly directory: string;
  readonly dryRun: boolean;
  readonly prune: boolean;
}

/**
 * `yunheng apply`: prints the plan and carries it out, or prints why not, one reason a line.
 * Returns the exit code; what is not a refusal is thrown.
 */
export async function applyCommand(
  app: App,
  { directory, dryRun, prune }: ApplyOptions,
  out: (line: string) => void,
): Promise<number> {
  try {
    const province = await readProvince(directory);
    const { changes } = await perform(app, operator(app), applyProvince, { province, prune, dryRun });
    for (const line of formatPlan(changes).trimEnd().split("\n")) out(line);
    const { provincialClouds, municipalClouds, industryClouds, pools, organizations } = countsOf(province);
    const clouds = `${provincialClouds}+${municipalClouds}+${industryClouds}`;
    out(
      `文件：${clouds} 朵云，${pools} 个资源池，${organizations} 个机构 / Documents: ${clouds} clouds, ${pools} pools, ${organizations} organizations`,
    );
    out(dryRun ? "试运行，未写入任何内容 / Dry run, nothing written" : "已生效 / Applied");
    return 0;
  } catch (error) {
    if (!isFault(error)) throw error;
    for (const line of refusalLines(error)) out(line);
    return 1;
  }
}

/** Whoever can start the program on the server holds the database anyway; the log says it was the system. */
function operator(app: App): Caller {
  const grant = {
    role: "system_administrator",
    scopeKind: "province",
    scopeId: "",
    organizationPath: "",
  } as const;
  return {
    actor: { accountId: null, name: "system", organizationId: null, grants: [grant] },
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
