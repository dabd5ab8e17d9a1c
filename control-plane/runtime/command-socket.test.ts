import { createConnection } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { serveCommands } from "./command-socket.ts";
import { sendCommand } from "./send-command.ts";

let house: TestApp;
let stop: () => Promise<void>;
beforeAll(async () => {
  house = await testApp();
  stop = await serveCommands(house.app, { open: () => Promise.reject(new Error("no cloud is needed here")) });
});
afterAll(async () => {
  await stop();
  await house.close();
});

const report = (format: string) => ({ name: "report", options: { name: "allocations", format } });

async function typed(
  command: ReturnType<typeof report>,
): Promise<{ exitCode: number; lines: string[]; complaints: string[] }> {
  const lines: string[] = [];
  const complaints: string[] = [];
  const exitCode = await sendCommand(
    house.app.config.DATA_DIR,
    command,
    (line) => void lines.push(line),
    (line) => void complaints.push(line),
  );
  return { exitCode, lines, complaints };
}

it("carries out a command beside the running process", async () => {
  const { exitCode, lines } = await typed(report("json"));
  expect(exitCode).toBe(0);
  expect(JSON.parse(lines.join("\n"))).toMatchObject({ report: "allocations", rowCount: 0 });
});

it("says in words which option is wrong", async () => {
  const { exitCode, lines, complaints } = await typed(report("xml"));
  expect(exitCode).toBe(1);
  expect(lines).toEqual([]);
  expect(complaints).toEqual([expect.stringMatching(/^format: Invalid option/)]);
});

it("outlives a client that leaves in the middle of its command", async () => {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise<void>((resolve) => {
      const socket = createConnection(join(house.app.config.DATA_DIR, "commands.sock"));
      socket.write(`${JSON.stringify(report("json"))}\n`, () => socket.destroy());
      socket.once("close", () => resolve());
    });
  }
  expect((await typed(report("csv"))).exitCode).toBe(0);
});
