import type { App, Caller } from "../context.ts";
import { exportAudit } from "./export.ts";
import { signingKeyFile } from "./key-file.ts";
import { sealAudit } from "./seal.ts";
import { loadSigningKey, type SigningKey } from "./signing-key.ts";
import { describeVerdict } from "./verify-command.ts";
import { verifyExport } from "./verify-export.ts";

interface ExportOptions {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** `yunheng audit export`: everything that is committed by now, line by line. Resolves with the exit code. */
export async function exportCommand(
  app: App,
  caller: Caller,
  options: ExportOptions,
  print: (line: string) => void,
): Promise<number> {
  const key = await sealed(app);
  for await (const line of exportAudit(app, caller, key, options)) print(line);
  return 0;
}

/** `yunheng audit verify`: the chain as the database has it, from its first row to its last. */
export async function verifyCommand(
  app: App,
  caller: Caller,
  print: (line: string) => void,
): Promise<number> {
  const key = await sealed(app);
  const verdict = await verifyExport(exportAudit(app, caller, key, {}), { trustedPublicKey: key.publicKey });
  for (const line of describeVerdict(verdict)) print(line);
  return verdict.ok ? 0 : 1;
}

async function sealed(app: App): Promise<SigningKey> {
  const key = await loadSigningKey(signingKeyFile(app.config));
  await sealAudit(app, key, { force: true });
  return key;
}
