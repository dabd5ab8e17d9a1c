import { z } from "zod";
import { TrustError } from "../audit/verify-command.ts";
import { ConfigError } from "../config.ts";
import { DirectoryInUse } from "../db/directory-lock.ts";
import { sqlStateOf, UNAVAILABLE_CODES } from "../db/errors.ts";
import { NotMigrated } from "../db/open.ts";
import { isFault } from "../kernel/fault.ts";
import { FAULT_CODES } from "../kernel/fault-codes.ts";
import { PrivateFileError } from "../keys/private-file.ts";
import { PolicyLoadError } from "../policy/load.ts";
import { CommandError } from "./commands.ts";
import { PortTaken } from "./listen.ts";

const IN_WORDS = [
  CommandError,
  ConfigError,
  DirectoryInUse,
  NotMigrated,
  PolicyLoadError,
  PortTaken,
  PrivateFileError,
  TrustError,
];

/** SQLSTATE codes of a server that is there, but not for us: its own words say why. */
const REFUSED_BY_SERVER: ReadonlySet<string> = new Set(["28000", "28P01", "3D000", "42501", "53300"]);

/** What an operator can mend, in words; null for anything else, which is a fault of the program. */
export function complaintOf(error: unknown): string | null {
  if (isFault(error)) {
    const { zh, en } = FAULT_CODES[error.code].title;
    return [...Object.entries(error.details).flatMap(reasonsIn), `${error.code}: ${zh} / ${en}`].join("\n");
  }
  if (!(error instanceof Error)) return null;
  if (IN_WORDS.some((kind) => error instanceof kind)) return error.message;
  // Its own message names the file.
  if ("path" in error && "syscall" in error) return error.message;
  const code = sqlStateOf(error);
  if (code === undefined) return null;
  if (UNAVAILABLE_CODES.has(code)) {
    return `数据库无法连接 / The database cannot be reached: ${rootOf(error).message || code}`;
  }
  if (REFUSED_BY_SERVER.has(code)) {
    return `数据库拒绝连接 / The database refuses: ${rootOf(error).message}`;
  }
  return null;
}

const Issues = z.array(z.object({ path: z.string(), message: z.string() }));

function reasonsIn([name, value]: [string, unknown]): string[] {
  const issues = Issues.safeParse(value);
  if (issues.success) return issues.data.map(({ path, message }) => `  ${path}: ${message}`);
  return [`  ${name}: ${JSON.stringify(value)}`];
}

/** Drizzle wraps what the driver said in an error that repeats the statement. */
function rootOf(error: Error): Error {
  return error.cause instanceof Error ? rootOf(error.cause) : error;
}
