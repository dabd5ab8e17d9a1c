import { record } from "../../audit/record.ts";
import type { App } from "../../context.ts";
import { systemCaller } from "../../provisioning/settle.ts";
import { INVARIANTS } from "./invariants.ts";
import { BROKEN, knownBroken, lockKnown, RESTORED, TARGET_TYPE } from "./known-rows.ts";
import { look, type Verdict } from "./look.ts";

export interface Verification {
  readonly checkedAt: Date;
  readonly ok: boolean;
  readonly invariants: readonly Verdict[];
}

/** Figures in an audit row: enough to start from, while `yunheng verify` lists the rest. */
const RECORDED_MAX = 10;

/** Checks every invariant; the audit log gets a row when one newly breaks, and when it holds again. */
export async function verify(app: App): Promise<Verification> {
  const checkedAt = app.clock.now();
  const invariants = await look(app.db, checkedAt, { retentionDays: app.config.RETENTION_DAYS });
  await report(app, invariants);
  return { checkedAt, ok: invariants.every(({ holds }) => holds), invariants };
}

async function report(app: App, verdicts: readonly Verdict[]): Promise<void> {
  const news = await app.db.withTx(async (tx) => {
    const known = await lockKnown(tx);
    const changed = verdicts.filter(({ name, holds }) => holds === known.has(name));
    const caller = { ...systemCaller("verify"), clock: app.clock, ids: app.ids };
    await record(
      tx,
      caller,
      changed.map(({ name, title, holds, total, differences }) => ({
        action: holds ? RESTORED : BROKEN,
        outcome: holds ? ("succeeded" as const) : ("failed" as const),
        targetType: TARGET_TYPE,
        targetId: name,
        reason: `${title.zh} / ${title.en}`,
        after: { holds, total, differences: differences.slice(0, RECORDED_MAX) },
      })),
    );
    return changed;
  });
  for (const { name, holds, total, differences } of news) {
    const found = { invariant: name, total, differences: differences.slice(0, RECORDED_MAX) };
    if (holds) app.log.info({ invariant: name }, "invariant holds again");
    else app.log.error(found, "invariant broken");
  }
}

/** Every invariant, and whether the last look of any worker found it broken. */
export async function lastKnown(app: Pick<App, "db">): Promise<ReadonlyMap<string, boolean>> {
  const broken = await app.db.withTx((tx) => knownBroken(tx));
  return new Map(INVARIANTS.map(({ name }) => [name, broken.has(name)]));
}
