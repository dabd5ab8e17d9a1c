import { resolve } from "node:path";
import { z } from "zod";
import { CIPHERS } from "./credentials/cipher.ts";

const wholeNumber = (smallest: number, largest: number) =>
  z
    .string()
    .regex(/^\d+$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= smallest && value <= largest, `must be between ${smallest} and ${largest}`);

/** Every variable that the program reads, with its default and meaning; `deploy/` is tested against it. */
export const CONFIG_VARIABLES = {
  DATA_DIR: z.string().min(1).default("./.yunheng").describe("Embedded database, keys and tokens"),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "must begin with postgres://")
    .optional()
    .describe("Server PostgreSQL; without it the embedded database is used"),
  DATABASE_POOL: wholeNumber(1, 500).default(10).describe("Connections to a server database"),
  HOST: z.string().min(1).default("127.0.0.1").describe("Address the API listens on"),
  PORT: wholeNumber(0, 65535).default(8080).describe("Port the API listens on"),
  SIMULATOR_HOST: z.string().min(1).default("127.0.0.1").describe("Address the emulated clouds listen on"),
  SIMULATOR_PORT: wholeNumber(0, 65535)
    .default(0)
    .describe("Port of the emulated clouds; 0 takes a free one"),
  SIMULATOR_URL: z
    .url()
    .optional()
    .describe("Emulated clouds in another process; without it `all` runs its own"),
  SIMULATOR_TOKEN: z.string().min(16).optional().describe("Shared secret of the emulated clouds"),
  PROVINCE_DIR: z
    .string()
    .min(1)
    .default("deploy/provinces/guangdong")
    .describe("Applied on the first start of role `all` when the database is empty; `none` applies nothing"),
  POLICY_DIR: z.string().min(1).default("policies").describe("Policy packs, loaded at start"),
  EXEMPTION_DAYS_MAX: wholeNumber(1, 3650)
    .default(365)
    .describe("Longest time for which a rule may be left unkept by exemption"),
  SYNC_MINUTES: wholeNumber(1, 1440).default(10).describe("How often each cloud is looked through"),
  STALE_MINUTES: wholeNumber(2, 10080)
    .default(60)
    .describe("A cloud that was not looked through for so long takes nothing new"),
  INSTALLATION: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, "must be lower-case letters, digits and dashes")
    .default("yunheng")
    .describe("Name of this installation in ownership marks and audit checkpoints"),
  AUDIT_HASH: z.enum(["sha256", "sm3"]).default("sha256").describe("Hash of the audit chain"),
  AUDIT_KEY_FILE: z.string().min(1).optional().describe("Ed25519 key that signs audit checkpoints"),
  CREDENTIAL_CIPHER: z
    .enum(CIPHERS)
    .default("aes-256-gcm")
    .describe("How the clouds' credentials are sealed from now on"),
  CREDENTIAL_KEYS: z
    .string()
    .optional()
    .describe("Keys for the clouds' credentials: NAME:BASE64 of 32 bytes, the first one seals"),
  CREDENTIAL_KEY_FILE: z
    .string()
    .min(1)
    .optional()
    .describe("The same keys in a file of mode 0600; without either one is made below DATA_DIR"),
  ACCEPT_WORKING_DAYS: wholeNumber(1, 60).default(3).describe("Clock: submitted to accepted or rejected"),
  REVIEW_WORKING_DAYS: wholeNumber(1, 60).default(2).describe("Clock: accepted to reviewed"),
  APPROVE_WORKING_DAYS: wholeNumber(1, 60).default(2).describe("Clock: reviewed to approved"),
  DELIVER_HOURS: wholeNumber(1, 720).default(24).describe("Clock: approved to delivered"),
  TRIAL_DAYS: wholeNumber(1, 365).default(30).describe("Length of the trial run"),
  HOLD_DAYS: wholeNumber(1, 90).default(21).describe("How long an undecided request keeps its hold"),
  RETENTION_DAYS: wholeNumber(0, 3650)
    .default(30)
    .describe("How long after its term a tenancy still counts in the calendar of a pool"),
  RATE_LIMIT_PER_MINUTE: wholeNumber(1, 1_000_000).default(1200).describe("Requests per token and minute"),
  BODY_LIMIT_KIB: wholeNumber(1, 65536).default(1024).describe("Largest request body"),
  EVIDENCE_LIMIT_MIB: wholeNumber(1, 1024).default(32).describe("Largest file that is taken as evidence"),
  DECISION_TIMEOUT_MS: wholeNumber(50, 60000).default(5000).describe("Longest time one decision may take"),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
} as const;

const Config = z.object(CONFIG_VARIABLES);
export type Config = z.infer<typeof Config>;

/** Names every violation at once, so that an operator corrects a deployment in one go. */
export class ConfigError extends Error {}

/** Reads the environment, the only place that does; `overrides` come from the command line. An empty variable counts as absent. */
export function readConfig(
  overrides: Readonly<Record<string, string>> = {},
  environment: NodeJS.ProcessEnv = process.env,
): Config {
  const given = Object.entries({ ...environment, ...overrides }).filter(
    ([name, value]) => name in CONFIG_VARIABLES && value !== "",
  );
  const parsed = Config.safeParse(Object.fromEntries(given));
  if (parsed.success) return { ...parsed.data, DATA_DIR: resolve(parsed.data.DATA_DIR) };
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  throw new ConfigError(`The configuration is not usable:\n${lines.join("\n")}`);
}
