import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { EVERYWHERE } from "../../authz/scope.ts";
import type { App } from "../../context.ts";
import { systemCaller } from "../../provisioning/settle.ts";
import type { ComplianceFormat } from "./formats.ts";
import { issueReport } from "./issue.ts";
import type { Asked } from "./question.ts";
import { verifyReport } from "./verify.ts";

interface ComplianceCommand extends Asked {
  readonly format: ComplianceFormat;
  /** Where the file goes; without it text is printed. */
  readonly output?: string | undefined;
}

/** The same report as over HTTP, of the whole province unless narrowed; resolves with the exit code. */
export async function complianceCommand(
  app: App,
  { output, ...asked }: ComplianceCommand,
  print: (lines: string) => void,
): Promise<number> {
  const reader = { ...systemCaller("report command"), scope: EVERYWHERE };
  const chunks = await issueReport(app, reader, asked);
  if (output === undefined) {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    let text = "";
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
    // The printer ends the line; a file made of this output is the one that the log knows.
    print(text.replace(/\n$/, ""));
    return 0;
  }
  const file = await open(output, "w", 0o600);
  try {
    for await (const chunk of chunks) await file.write(chunk);
  } finally {
    await file.close();
  }
  print(output);
  return 0;
}

/** `yunheng report verify FILE`: 0 where the file is what was handed out. */
export async function verifyReportCommand(
  app: App,
  { file }: { readonly file: string },
  print: (lines: string) => void,
): Promise<number> {
  const { ok, sha256, message, issued } = await verifyReport(app, createReadStream(file));
  print(`SHA-256 ${sha256}`);
  if (issued !== null)
    print(`出具 issued ${issued.at} ${issued.by}, 审计链 audit chain ${issued.seq ?? "-"}`);
  print(`${message.zh} / ${message.en}`);
  return ok ? 0 : 1;
}
