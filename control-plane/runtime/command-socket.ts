import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { App } from "../context.ts";
import type { Clouds } from "../provisioning/clouds.ts";
import { type Received, socketPath } from "./command-messages.ts";
import { runCommand } from "./commands.ts";
import { complaintOf } from "./complaint.ts";

const Sent = z.strictObject({
  name: z.string(),
  options: z.record(z.string(), z.unknown()),
});
/**
 * The embedded database belongs to the running process, so a command that is typed beside it is carried out
 * there: over a socket in the data folder, which only its owner can reach.
 */
export function serveCommands(app: App, clouds: Clouds): Promise<() => Promise<void>> {
  const path = socketPath(app.config.DATA_DIR);
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    // Whoever typed the command may leave before its end; the lines repeat the error of their socket.
    const left = (error: Error) => app.log.debug({ err: error }, "command socket");
    const lines = createInterface({ input: socket });
    socket.on("error", left);
    lines.on("error", left);
    lines.once("line", (text) => {
      const send = (message: Received) => socket.write(`${JSON.stringify(message)}\n`);
      carryOut(app, clouds, text, (line) => send({ line }))
        .then((exitCode) => send({ exitCode }))
        .catch((error: unknown) => {
          app.log.warn({ err: error }, "command failed");
          send({
            complaint: complaintOf(error) ?? "命令失败，原因见日志 / The command failed; the log says why",
          });
          send({ exitCode: 1 });
        })
        .finally(() => socket.end());
    });
  });
  const previousMask = process.umask(0o177);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      process.umask(previousMask);
      resolve(() => new Promise((done) => server.close(() => done())));
    });
  });
}

async function carryOut(
  app: App,
  clouds: Clouds,
  text: string,
  print: (line: string) => void,
): Promise<number> {
  const command = Sent.parse(JSON.parse(text));
  return runCommand(app, command, print, clouds);
}
