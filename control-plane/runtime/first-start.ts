import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "../context.ts";
import { DAY_MS, plus } from "../kernel/clock.ts";
import { applyCommand } from "../province/apply-command.ts";
import { systemCaller } from "../provisioning/settle.ts";
import { hasAccounts, issueToken } from "../tokens/issue.ts";
import { newSecret } from "../tokens/secret.ts";

const ADMINISTRATOR = "administrator";
const TOKEN_DAYS = 365;

export interface AdministratorToken {
  /** Null when it is not there: an operator has taken the token away, or it was made on another machine. */
  readonly file: string | null;
  /** Null on later starts: the secret is shown once. */
  readonly secret: string | null;
}

/** Loads the example province and makes the first account, when there is none yet; later starts find both. */
export async function firstStart(app: App): Promise<AdministratorToken> {
  const file = join(app.config.DATA_DIR, "administrator.token");
  if (await app.db.withTx((tx) => hasAccounts(tx)))
    return { file: existsSync(file) ? file : null, secret: null };
  await applyExample(app);
  const secret = newSecret();
  // Written before it is valid: after a crash in between, the next start writes a new one.
  keepSecret(file, secret);
  await app.db.withTx((tx) =>
    issueToken(
      tx,
      { ...systemCaller("first-start"), clock: app.clock, ids: app.ids },
      {
        secret,
        name: "first start",
        account: {
          name: ADMINISTRATOR,
          displayName: "系统管理员 System administrator",
          organizationId: null,
        },
        grants: [{ role: "system_administrator", scopeKind: "province", scopeId: "" }],
        expiresAt: plus(app.clock.now(), TOKEN_DAYS * DAY_MS),
      },
    ),
  );
  return { file, secret };
}

async function applyExample(app: App): Promise<void> {
  const directory = app.config.PROVINCE_DIR;
  if (directory === "none") return;
  const problems: string[] = [];
  const code = await applyCommand(app, { directory, dryRun: false, prune: false }, (line) =>
    problems.push(line),
  );
  if (code !== 0)
    throw new Error(`The province in ${directory} could not be applied:\n${problems.join("\n")}`);
}

function keepSecret(file: string, secret: string): void {
  mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  // The mode above is only for a new file.
  if (existsSync(file)) chmodSync(file, 0o600);
}
