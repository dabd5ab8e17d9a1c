import { z } from "zod";
import { civilDate, line, slug } from "../kernel/input.ts";
import { YamlDocument } from "../policy/yaml-document.ts";

/** `*` is any text; `{word}` too, and stands for it in what the rule says about organization and system. */
const pattern = z
  .string()
  .min(1)
  .max(200)
  .refine(
    (text) => text.replaceAll(/\{[a-z]+\}/g, "").search(/[{}]/) < 0,
    "a name in braces is lower-case letters",
  );

const Match = z
  .strictObject({
    name: pattern.optional(),
    /** The description of a project, the title of a namespace. */
    displayName: pattern.optional(),
    /** The group at the cloud's identity service that has access. */
    accessGroup: pattern.optional(),
    pool: pattern.optional(),
  })
  .refine((match) => Object.keys(match).length > 0, "matches nothing in particular");

const System = z.strictObject({
  name: line(100),
  /** Of a system that is not registered yet; of others, what is registered counts. */
  mlpsLevel: z.int().min(1).max(4),
  dataClass: z.enum(["general", "important", "core", "secret"]),
});

const Adopt = z.strictObject({
  match: Match,
  organization: z.string().min(1).max(100),
  system: System,
  /** Where it stands, if the cloud does not say so in our words. */
  pool: slug.optional(),
  environment: z.enum(["production", "test", "development", "disaster_recovery"]).default("production"),
  /** The last day of its term. */
  until: civilDate,
  /** What it holds from now on: what it uses, or the quota that the cloud gives it. */
  claim: z.enum(["usage", "quota"]).default("usage"),
});
const Leave = z.strictObject({ match: Match, leave: line(200) });

/** How what a cloud holds is told to belong to departments and their systems; the first rule that matches counts. */
const ImportRules = z.strictObject({
  apiVersion: z.literal("yunheng/v1"),
  kind: z.literal("ImportRules"),
  rules: z
    .array(z.union([Adopt, Leave]))
    .min(1)
    .max(1000),
});

export type ImportRule = z.output<typeof ImportRules>["rules"][number];
export type AdoptRule = z.output<typeof Adopt>;

/** Says where a file of rules is wrong, one place a line. */
export class RulesError extends Error {}

export function readRules(file: string, text: string): readonly ImportRule[] {
  const document = new YamlDocument(file, text);
  const parsed = ImportRules.safeParse(document.value);
  const issues =
    document.issues.length > 0 || parsed.success ? document.issues : document.issuesOf(parsed.error);
  if (parsed.success && issues.length === 0) return parsed.data.rules;
  throw new RulesError(
    issues.map(({ line: row, column, reason }) => `${file}:${row}:${column}: ${reason}`).join("\n"),
  );
}
