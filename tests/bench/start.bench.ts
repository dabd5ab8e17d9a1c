import { spawn } from "node:child_process";
import { YunhengProcess } from "../support/process.ts";
import { type Bench, type Lab, ratioOf } from "./bench.ts";
import { rounded } from "./clients.ts";
import { memoryMiB } from "./process-usage.ts";

/**
 * How long it takes from the command to the first word, and what the process holds when nobody asks it anything: `all`
 * on the embedded database, its first start with the province and a later one; `serve` on a server. The baseline is a
 * program that does nothing but start, by the same loader: Node's own share.
 */
export const bench: Bench = {
  async run(lab) {
    const bare = await bareProgram();
    const say = (name: string, value: number, unit: "ms" | "MiB") => {
      const baseline = unit === "ms" ? bare.ms : bare.memoryMiB;
      lab.print({ case: name, value: rounded(value), unit, baseline, ratio: ratioOf(value, baseline) });
    };
    await embedded(lab, say);
    await onServer(lab, say);
  },
};

type Say = (name: string, value: number, unit: "ms" | "MiB") => void;

/** Long enough for the first rounds of what is done by the clock. */
const idle = (lab: Lab) => new Promise((done) => setTimeout(done, lab.quick ? 500 : 15_000));

async function embedded(lab: Lab, say: Say): Promise<void> {
  const yunheng = new YunhengProcess();
  try {
    say("first start, embedded, with the province", (await yunheng.start()) * 1000, "ms");
    await yunheng.end();
    say("later start, embedded", (await yunheng.start()) * 1000, "ms");
    await idle(lab);
    say("idle, embedded, with simulated clouds", memoryMiB(yunheng.pid), "MiB");
  } finally {
    await yunheng.dispose();
  }
}

async function onServer(lab: Lab, say: Say): Promise<void> {
  const yunheng = new YunhengProcess({ DATABASE_URL: await lab.newDatabase() });
  try {
    const { code, output } = await yunheng.command("init");
    if (code !== 0) throw new Error(output);
    say("start of serve, server database", (await yunheng.start("serve", "--port", "0")) * 1000, "ms");
    await idle(lab);
    say("idle, serve, server database", memoryMiB(yunheng.pid), "MiB");
  } finally {
    await yunheng.dispose();
  }
}

async function bareProgram(): Promise<{ ms: number; memoryMiB: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, [
    "--import",
    "tsx",
    "-e",
    "process.stdout.write('.'); setTimeout(() => 0, 60000)",
  ]);
  try {
    await new Promise((heard) => child.stdout.once("data", heard));
    return { ms: rounded(performance.now() - began), memoryMiB: rounded(memoryMiB(child.pid ?? 0)) };
  } finally {
    child.kill();
  }
}
