import { z } from "zod";
import { importCommand } from "../adoption/import-command.ts";
import { rebuildCommand } from "../adoption/rebuild-command.ts";
import { exportCommand, verifyCommand } from "../audit/export-command.ts";
import { ROLE_NAMES, SCOPE_KINDS } from "../authz/roles.ts";
import type { App } from "../context.ts";
import { rotateCommand } from "../credentials/rotate.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { DAY_MS, plus } from "../kernel/clock.ts";
import { civilDate, madeId, slug } from "../kernel/input.ts";
import type { OverLimitChoice } from "../over-limits/wire.ts";
import { explainCommand } from "../policy/explain/command.ts";
import { impactCommand } from "../policy/impact/command.ts";
import { applyCommand, parseChoice } from "../province/apply-command.ts";
import type { Clouds } from "../provisioning/clouds.ts";
import { systemCaller } from "../provisioning/settle.ts";
import { verifyQuotaCommand } from "../quota/verify/command.ts";
import { reportCommand } from "../reports/command.ts";
import { complianceCommand, verifyReportCommand } from "../reports/compliance/command.ts";
import { COMPLIANCE_FORMATS } from "../reports/compliance/formats.ts";
import { ComplianceQuery } from "../reports/compliance/question.ts";
import { issueToken } from "../tokens/issue.ts";
import { newSecret } from "../tokens/secret.ts";
import { issuesOf } from "../verb.ts";

/** A command that needs the database, in a form that can be sent to the process that has it. */
export interface CommandLine {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Says which option is wrong and why. */
export class CommandError extends Error {}

type Print = (line: string) => void;

const ApplyOptions = z.strictObject({
  directory: z.string(),
  dryRun: z.boolean(),
  prune: z.boolean(),
  overLimit: z.string().optional(),
});
const ComplianceOptions = z.strictObject({
  ...ComplianceQuery.shape,
  format: z.enum(COMPLIANCE_FORMATS),
  output: z.string().optional(),
});
const VerifyReportOptions = z.strictObject({ file: z.string() });
/** A term that nobody knows. */
const YEAR_MS = 365 * DAY_MS;

const ReportOptions = z.strictObject({
  name: z.literal("allocations"),
  format: z.enum(["json", "csv"]),
  organizationId: slug.optional(),
  cloudId: slug.optional(),
});
const ExportOptions = z.strictObject({ from: z.string().optional(), to: z.string().optional() });
const VerifyOptions = z.strictObject({ json: z.boolean() });
const TokenOptions = z.strictObject({
  account: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/),
  organization: z.string().nullable(),
  role: z.enum(ROLE_NAMES).nullable(),
  scopeKind: z.enum(SCOPE_KINDS),
  scopeId: z.string(),
  days: z.int().min(1).max(365),
});

const ImpactOptions = z.strictObject({
  yaml: z.string(),
  pack: slug,
  requests: z.int().min(0).max(100_000),
  json: z.boolean(),
});
const ExplainOptions = z.strictObject({
  requestId: madeId,
  decision: madeId.optional(),
  json: z.boolean(),
});

const ImportOptions = z.strictObject({
  cloudId: slug,
  rulesFile: z.string(),
  dryRun: z.boolean(),
  overLimit: z.string().optional(),
});
const RebuildOptions = z.strictObject({
  dryRun: z.boolean(),
  partial: z.boolean(),
  until: civilDate.optional(),
  overLimit: z.string().optional(),
});

type Run = (app: App, options: unknown, print: Print, clouds: Clouds) => Promise<number>;

const COMMANDS: Readonly<Record<string, Run>> = {
  apply: (app, options, print) => applyCommand(app, given(ApplyOptions, options), print),
  report: (app, options, print) => reportCommand(app, given(ReportOptions, options), print),
  "report compliance": (app, options, print) =>
    complianceCommand(app, given(ComplianceOptions, options), print),
  "report verify": (app, options, print) =>
    verifyReportCommand(app, given(VerifyReportOptions, options), print),
  "audit export": (app, options, print) =>
    exportCommand(app, systemCaller("audit export"), given(ExportOptions, options), print),
  "audit verify": (app, _options, print) => verifyCommand(app, systemCaller("audit verify"), print),
  "policy impact": (app, options, print) => impactCommand(app, given(ImpactOptions, options), print),
  "policy explain": (app, options, print) => explainCommand(app, given(ExplainOptions, options), print),
  verify: (app, options, print) => verifyQuotaCommand(app, given(VerifyOptions, options), print),
  "credentials rotate": (app, _options, print) =>
    rotateCommand(app, systemCaller("credentials rotate"), print),
  import: (app, options, print, clouds) => {
    const { overLimit, ...rest } = given(ImportOptions, options);
    return importCommand(app, clouds, { ...rest, overLimit: choiceOf(overLimit) }, print);
  },
  rebuild: (app, options, print, clouds) => {
    const { overLimit, until, ...rest } = given(RebuildOptions, options);
    const termEnd = until ?? chinaDate(plus(app.clock.now(), YEAR_MS));
    return rebuildCommand(app, clouds, { ...rest, termEnd, overLimit: choiceOf(overLimit) }, print);
  },
  "token issue": (app, options, print) => tokenCommand(app, given(TokenOptions, options), print),
};

/** Runs a command and resolves with its exit code. */
export async function runCommand(
  app: App,
  { name, options }: CommandLine,
  print: Print,
  clouds: Clouds,
): Promise<number> {
  const command = COMMANDS[name];
  if (command === undefined) throw new Error(`unknown command ${name}`);
  return command(app, options, print, clouds);
}

function given<Options>(schema: z.ZodType<Options>, options: unknown): Options {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const lines = issuesOf(parsed.error).map(({ path, message }) => `${path}: ${message}`);
  throw new CommandError(lines.join("\n"));
}

/** Where something that is there already takes somebody over a limit: `freeze`, or `grace:2027-01-31`. */
function choiceOf(text: string | undefined): OverLimitChoice | undefined {
  if (text === undefined) return undefined;
  const choice = parseChoice(text);
  if (choice.choice !== "shrink") return choice;
  throw new CommandError("overLimit: must be freeze or grace:YYYY-MM-DD");
}

/** Prints the secret alone, so that a script can take it. */
async function tokenCommand(app: App, options: z.infer<typeof TokenOptions>, print: Print): Promise<number> {
  const { account, organization, role, scopeKind, scopeId, days } = options;
  const secret = newSecret();
  const caller = { ...systemCaller("token issue"), clock: app.clock, ids: app.ids };
  await app.db.withTx((tx) =>
    issueToken(tx, caller, {
      secret,
      name: "command line",
      account: { name: account, displayName: account, organizationId: organization },
      ...(role === null ? {} : { grants: [{ role, scopeKind, scopeId }] }),
      expiresAt: plus(app.clock.now(), days * DAY_MS),
    }),
  );
  print(secret);
  return 0;
}
