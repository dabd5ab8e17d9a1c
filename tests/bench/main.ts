import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import postgres from "postgres";
import { type ServerDatabase, startServerDatabase } from "../support/server-database.ts";
import { type Bench, Figure, type Lab, machineOf } from "./bench.ts";

/** `npm run bench [-- NAME...] [--quick] [--only CASE]`: one JSON line on standard output for every figure. */
const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string", default: "" } },
  allowPositionals: true,
});
const SUFFIX = ".bench.ts";
const known = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length));
for (const name of positionals) {
  if (!known.includes(name)) throw new Error(`there is no bench ${name}; there are ${known.join(", ")}`);
}

for (const name of positionals.length === 0 ? known : positionals) await runBench(name);

/** Each has a server of its own, so that none inherits what another one has left in its buffers. */
async function runBench(name: string): Promise<void> {
  const { bench } = (await import(`./${name}${SUFFIX}`)) as { bench: Bench };
  let started: Promise<ServerDatabase> | null = null;
  const lines: Promise<void>[] = [];
  const lab: Lab = {
    quick: values.quick,
    wants: (name) => name.includes(values.only),
    async newDatabase() {
      started ??= startServerDatabase({ durable: true });
      return copyOfTemplate((await started).url);
    },
    print(figure) {
      lines.push(printed(name, figure, started));
    },
  };
  try {
    await bench.run(lab);
    await Promise.all(lines);
  } finally {
    // Started or not: the closure assigns it, which the compiler does not see.
    await (started as Promise<ServerDatabase> | null)?.then((server) => server.stop());
  }
}

async function printed(name: string, figure: Figure, started: Promise<ServerDatabase> | null): Promise<void> {
  const machine = await machineOf(started === null ? null : (await started).url);
  process.stdout.write(`${JSON.stringify({ bench: name, ...Figure.parse(figure), machine })}\n`);
}

async function copyOfTemplate(serverUrl: string): Promise<string> {
  const name = `bench_${randomBytes(6).toString("hex")}`;
  const client = postgres(serverUrl, { max: 1, onnotice: () => undefined });
  try {
    await client.unsafe(`CREATE DATABASE ${name} TEMPLATE template_yunheng`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
