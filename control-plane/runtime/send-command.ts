import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import { Received, socketPath } from "./command-messages.ts";
import type { CommandLine } from "./commands.ts";

/** Sends a command to the process that has the database; resolves with its exit code. */
export function sendCommand(
  dataDir: string,
  command: CommandLine,
  print: (line: string) => void,
  complain: (line: string) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let exitCode = 1;
    const socket = createConnection(socketPath(dataDir));
    socket.once("error", reject);
    socket.once("connect", () => socket.write(`${JSON.stringify(command)}\n`));
    const lines = createInterface({ input: socket });
    lines.once("error", reject);
    lines.on("line", (text) => {
      const message = Received.parse(JSON.parse(text));
      if ("line" in message) print(message.line);
      else if ("complaint" in message) complain(message.complaint);
      else exitCode = message.exitCode;
    });
    socket.once("close", () => resolve(exitCode));
  });
}
