import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const Service = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  healthcheck: z.object({ disable: z.boolean().optional(), test: z.array(z.string()).optional() }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  read_only: z.boolean().optional(),
});
export type Service = z.infer<typeof Service>;

const Compose = z.object({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.unknown()),
});

export const composeText = readFileSync(join(ROOT, "deploy/compose.yaml"), "utf8");
export const compose = Compose.parse(parse(composeText, { merge: true }));

/** The services that run our image, by name. */
export const ownServices: readonly [string, Service][] = Object.entries(compose.services).filter(
  ([, { image }]) => image.startsWith("yunheng:"),
);

export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** The instructions of a Containerfile; continued lines are joined. */
export function instructionsOf(text: string): Instruction[] {
  return text
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .filter((line) => /^[A-Z]+ /.test(line))
    .map((line) => ({
      name: line.slice(0, line.indexOf(" ")),
      rest: line.slice(line.indexOf(" ") + 1).trim(),
    }));
}

export const containerfile = instructionsOf(readFileSync(join(ROOT, "deploy/Containerfile"), "utf8"));

/** The instructions of the stage that becomes the image. */
export const finalStage: readonly Instruction[] = containerfile.slice(
  containerfile.findLastIndex(({ name }) => name === "FROM"),
);

/** Fills `${NAME:?message}` and `${NAME:-default}` as compose does, from the values given. */
export function substituted(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)(?::([?-])([^}]*))?\}/g, (_whole, name, kind, rest) => {
    const given = values[name];
    if (given !== undefined) return given;
    if (kind === "-") return rest;
    throw new Error(`${name} is not set`);
  });
}

/** The commands that the program really has, from its own help. */
export function programCommands(): string[] {
  const help = execFileSync(process.execPath, ["--import", "tsx", "control-plane/main.ts", "--help"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const listed = help.slice(help.indexOf("Commands:"));
  return [...listed.matchAll(/^ {2}([a-z]+)\b/gm)].map((match) => match[1] ?? "");
}
