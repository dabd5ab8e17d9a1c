import { createReadStream, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { ROLE_NAMES } from "./authz/roles.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import type { App } from "./context.ts";
import { lockOwner } from "./db/directory-lock.ts";
import { systemClock } from "./kernel/clock.ts";
import type { Clouds } from "./provisioning/clouds.ts";
import { COMPLIANCE_FORMATS } from "./reports/compliance/formats.ts";
import type { CommandLine } from "./runtime/commands.ts";
import type { Role } from "./runtime/run.ts";
import { VERSION } from "./version.ts";

// A command loads what it needs when it runs: most are answered by the process that has the database open.

const print = (line: string) => process.stdout.write(`${line}\n`);
const complain = (line: string) => process.stderr.write(`${line}\n`);

const program = new Command("yunheng")
  .description("云衡：省级 1+M+N 政务云管控平面 / Control plane of a province's 1+M+N government cloud")
  .version(VERSION)
  .configureHelp({ showGlobalOptions: true });

for (const [role, description] of [
  ["all", "一个进程运行全部角色 / Everything in one process"],
  ["serve", "仅接口服务 / The API only"],
  ["work", "仅后台作业 / Background work only"],
] as const) {
  program
    .command(role, role === "all" ? { isDefault: true } : {})
    .description(description)
    .option("--port <port>", "监听端口 / port to listen on", portOf)
    .option("--host <address>", "监听地址 / address to listen on")
    .allowExcessArguments()
    .action((options: { port?: string; host?: string }, command: Command) => {
      // A word that is no command lands here, because one of the roles is the default.
      const [word] = command.args;
      if (word !== undefined) command.error(`error: unknown command '${word}'; see yunheng --help`);
      return start(role, options);
    });
}

program
  .command("simulate")
  .description("仅仿真云 / The emulated clouds only")
  .action(async () => {
    const config = readConfig();
    if (config.SIMULATOR_TOKEN === undefined) throw new ConfigError("simulate needs SIMULATOR_TOKEN");
    const { startEmulators } = await import("../providers/emulators.ts");
    const server = await startEmulators({
      port: config.SIMULATOR_PORT,
      host: config.SIMULATOR_HOST,
      token: config.SIMULATOR_TOKEN,
      dataDir: resolve(config.DATA_DIR, "simulated"),
      clock: systemClock,
    });
    print(`仿真云 emulated clouds ${server.url}`);
    stopOnSignal(() => server.close());
  });

program
  .command("migrate")
  .description("升级数据库结构 / Apply database migrations")
  .action(async () => {
    const config = readConfig();
    if (config.DATABASE_URL === undefined) {
      print("嵌入式数据库在启动时自动升级 / The embedded database migrates itself");
      return;
    }
    const { migrateServer } = await import("./db/open.ts");
    await migrateServer(config.DATABASE_URL);
    print("已升级 / Migrated");
  });

program
  .command("init")
  .description(
    "升级数据库，首次运行时装载省份数据并签发管理员令牌 / Migrate; on the first run load the province and issue the administrator token",
  )
  .action(async () => {
    const { openApp } = await import("./runtime/open-app.ts");
    const { firstStart } = await import("./runtime/first-start.ts");
    const opened = await openApp(readConfig(), { migrate: true, supervise: false });
    try {
      const { file, secret } = await firstStart(opened.app);
      if (secret !== null) print(`管理员令牌 administrator token (shown once): ${secret}`);
      else print("此前已初始化 / Initialised before");
      if (file !== null) print(`令牌文件 token file: ${file}`);
    } finally {
      await opened.close();
    }
  });

program
  .command("apply")
  .description("应用省份数据 / Apply a province's documents")
  .requiredOption("-f, --file <directory>", "YAML 目录 / directory of YAML documents")
  .option("--dry-run", "只打印计划 / print the plan only", false)
  .option("--prune", "删除文件中没有的对象 / delete what the documents no longer name", false)
  .option(
    "--over-limit <choice>",
    "超限处理 / where a lowered limit is below what is in use: freeze, grace:YYYY-MM-DD, shrink",
  )
  .action((options: { file: string; dryRun: boolean; prune: boolean; overLimit?: string }) => {
    const { file, dryRun, prune, overLimit } = options;
    return onDatabase({ name: "apply", options: { directory: resolve(file), dryRun, prune, overLimit } });
  });

program
  .command("import <cloud>")
  .description(
    "纳管云上已有的租户：按规则匹配机构与系统 / Take in what a cloud holds already, by rules that say whose it is",
  )
  .requiredOption("-r, --rules <file>", "YAML 规则 / YAML file of rules")
  .option("--dry-run", "只显示结果 / only show what would happen", false)
  .option(
    "--over-limit <choice>",
    "超限处理 / where it takes somebody over a limit: freeze, grace:YYYY-MM-DD",
  )
  .action((cloudId: string, options: { rules: string; dryRun: boolean; overLimit?: string }) => {
    const { rules, dryRun, overLimit } = options;
    return onDatabase({ name: "import", options: { cloudId, rulesFile: resolve(rules), dryRun, overLimit } });
  });

program
  .command("rebuild")
  .description("按云上标记恢复租户与占用 / Recover tenancies and claims from the marks in the clouds")
  .option("--dry-run", "只显示结果 / only show what would happen", false)
  .option("--partial", "有云不可达时仍继续 / go on where a cloud does not answer", false)
  .option("--until <date>", "租期止 / last day of the terms, which no cloud knows (default: in a year)")
  .option(
    "--over-limit <choice>",
    "超限处理 / where it takes somebody over a limit: freeze, grace:YYYY-MM-DD",
  )
  .action((options: { dryRun: boolean; partial: boolean; until?: string; overLimit?: string }) =>
    onDatabase({ name: "rebuild", options: { ...options } }),
  );

const policy = program.command("policy").description("政策 / Policies");
policy
  .command("test [directory]")
  .description("运行政策用例 / Run the cases of the policies")
  .action(async (directory: string | undefined) => {
    const { formatTestResults, testPacks } = await import("./policy/test-packs.ts");
    const results = await testPacks(directory ?? readConfig().POLICY_DIR);
    print(formatTestResults(results).trimEnd());
    process.exitCode = results.ok ? 0 : 1;
  });

policy
  .command("impact <file>")
  .description("启用前的影响分析 / What a policy.yaml would change if it were activated")
  .option("--pack <pack>", "策略包 / the pack it belongs to", "local")
  .option(
    "--requests <number>",
    "重放最近的申请数 / how many of the latest decisions to replay",
    countOf,
    1000,
  )
  .option("--json", "以 JSON 输出 / print JSON", false)
  .action((file: string, options: { pack: string; requests: number; json: boolean }) =>
    onDatabase({ name: "policy impact", options: { yaml: readFileSync(file, "utf8"), ...options } }),
  );
policy
  .command("explain <requestId>")
  .description("说明申请为何如此决定，并再次判定 / Why a request was decided as it was, judged once more")
  .option("--decision <id>", "其中一次决定 / one of its decisions; the latest without it")
  .option("--json", "以 JSON 输出 / print JSON", false)
  .action((requestId: string, options: { decision?: string; json: boolean }) =>
    onDatabase({ name: "policy explain", options: { requestId, ...options } }),
  );

const audit = program.command("audit").description("审计 / Audit log");
audit
  .command("export")
  .description("导出审计链到标准输出 / Write the audit chain to standard output")
  .option("--from <time>", "起始时间 / from")
  .option("--to <time>", "截止时间 / until")
  .action((options: { from?: string; to?: string }) => onDatabase({ name: "audit export", options }));
audit
  .command("verify")
  .description("校验审计链；--from-export 离线校验导出文件 / Verify the audit chain, or an export offline")
  .option("--from-export <file>", "导出文件 / exported file")
  .option("--trusted-key <file>", "受信公钥 PEM / trusted public key in PEM")
  .option("--checkpoint <file>", "先前公布的检查点 JSON / a checkpoint published earlier")
  .action(async (options: { fromExport?: string; trustedKey?: string; checkpoint?: string }) => {
    const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file, "utf8"));
    const trust = { trustedKey: read(options.trustedKey), checkpoint: read(options.checkpoint) };
    if (options.fromExport === undefined) return onDatabase({ name: "audit verify", options: {} });
    const { verifyFile } = await import("./audit/verify-command.ts");
    process.exitCode = await verifyFile(createReadStream(options.fromExport), trust, print);
  });

program
  .command("verify")
  .description(
    "校验配额与容量账本的不变式；有不成立的则退出码为 1 / Check the invariants of quota and capacity; exit code 1 where one is broken",
  )
  .option("--json", "以 JSON 输出 / print JSON", false)
  .action((options: { json: boolean }) => onDatabase({ name: "verify", options: { json: options.json } }));

const report = program.command("report").description("报表 / Reports");
report
  .command("allocations")
  .description("资源分配报表 / Who holds what, where and why")
  .addOption(new Option("--format <format>", "格式 / format").choices(["json", "csv"]).default("json"))
  .option("--organization <id>", "机构及其下级 / an organization with everything below it")
  .option("--cloud <id>", "云 / a cloud")
  .action((options: { format: string; organization?: string; cloud?: string }) => {
    const { format, organization: organizationId, cloud: cloudId } = options;
    return onDatabase({ name: "report", options: { name: "allocations", format, organizationId, cloudId } });
  });
report
  .command("compliance")
  .description("合规报告 / The compliance report")
  .addOption(
    new Option("--format <format>", "格式 / format").choices([...COMPLIANCE_FORMATS]).default("json"),
  )
  .option("--framework <pack>", "框架 / a pack of rules")
  .option("--scope <scope>", "province | cloud:ID | organization:ID | system:ID")
  .option("--as-of <date>", "截至日期 / at the end of this day")
  .option("--output <file>", "输出文件 / file to write; needed for xlsx and pdf")
  .action(
    (
      options: { format: string; framework?: string; scope?: string; asOf?: string; output?: string },
      command: Command,
    ) => {
      const { output, ...asked } = options;
      const binary = asked.format === "xlsx" || asked.format === "pdf";
      if (binary && output === undefined) command.error(`error: --format ${asked.format} needs --output`);
      const file = output === undefined ? {} : { output: resolve(output) };
      return onDatabase({ name: "report compliance", options: { ...asked, ...file } });
    },
  );
report
  .command("verify <file>")
  .description(
    "校验收到的报告 / Check a report against its digest, the audit chain and the stored assessment",
  )
  .action((file: string) => onDatabase({ name: "report verify", options: { file: resolve(file) } }));

const credentials = program.command("credentials").description("云凭证 / Credentials of clouds");
credentials
  .command("rotate")
  .description("以首个密钥重新加密全部云凭证 / Seal every credential anew under the first key")
  .action(() => onDatabase({ name: "credentials rotate", options: {} }));

const token = program.command("token").description("令牌 / Tokens");
token
  .command("issue <account>")
  .description("签发令牌；新账号需给出角色 / Issue a token; a new account needs a role")
  .addOption(new Option("--role <role>", "角色 / role").choices(ROLE_NAMES))
  .option("--organization <id>", "所属机构 / organization of the account")
  .option("--scope <scope>", "province | cloud:ID | organization:ID", "province")
  .option("--days <days>", "有效天数 / days of validity", "90")
  .action(
    (account: string, options: { role?: string; organization?: string; scope: string; days: string }) => {
      const [scopeKind, scopeId = ""] = options.scope.split(":");
      const { role = null, organization = null } = options;
      const days = Number(options.days);
      return onDatabase({
        name: "token issue",
        options: { account, role, organization, scopeKind, scopeId, days },
      });
    },
  );

// A reader such as `head` that has enough is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

await main();

async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = 1;
    // What an operator can mend is said in words; anything else keeps its stack.
    const { complaintOf } = await import("./runtime/complaint.ts");
    complain(complaintOf(error) ?? inspectable(error));
  }
}

async function start(role: Role, options: { port?: string; host?: string }): Promise<void> {
  const { port, host } = options;
  const config = readConfig({
    ...(port === undefined ? {} : { PORT: port }),
    ...(host === undefined ? {} : { HOST: host }),
  });
  const { openProvider } = await import("../providers/registry.ts");
  const { emulatedConnection, startEmulators } = await import("../providers/emulators.ts");
  const { run } = await import("./runtime/run.ts");
  const kinds = { openProvider, emulatedConnection, startSimulator: startEmulators };
  const running = await run(config, role, kinds, print);
  stopOnSignal(() => running.stop());
}

/** Runs a command here, or in the process that has the embedded database open. */
async function onDatabase(command: CommandLine): Promise<void> {
  const config: Config = readConfig();
  if (config.DATABASE_URL === undefined && lockOwner(config.DATA_DIR) !== null) {
    const { sendCommand } = await import("./runtime/send-command.ts");
    process.exitCode = await sendCommand(config.DATA_DIR, command, print, complain);
    return;
  }
  const { openApp } = await import("./runtime/open-app.ts");
  const { runCommand } = await import("./runtime/commands.ts");
  const opened = await openApp(config, { migrate: false, supervise: false });
  try {
    const clouds = await cloudsFor(opened.app, config);
    process.exitCode = await runCommand(opened.app, command, print, clouds);
  } finally {
    await opened.close();
  }
}

/** A command runs no emulated clouds of its own, but reaches those of another process. */
async function cloudsFor(
  app: App,
  { SIMULATOR_URL: url, SIMULATOR_TOKEN: token = "" }: Config,
): Promise<Clouds> {
  const { openProvider } = await import("../providers/registry.ts");
  const { emulatedConnection } = await import("../providers/emulators.ts");
  const { openMetrics } = await import("./http/metrics.ts");
  const { connecting, openClouds } = await import("./runtime/clouds.ts");
  const connect = connecting({ openProvider, emulatedConnection }, url === undefined ? null : { url, token });
  return openClouds({ app, connect, metrics: openMetrics() });
}

function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      // A second signal is somebody who does not want to wait.
      if (stopping) process.exit(1);
      stopping = true;
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          complain(inspectable(error));
          process.exit(1);
        },
      );
    });
  }
}

function portOf(text: string): string {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return text;
  throw new InvalidArgumentError("must be a number from 0 to 65535");
}

function countOf(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("must be a whole number");
}

function inspectable(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
