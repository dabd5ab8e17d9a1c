import { RateLimiterMemory } from "rate-limiter-flexible";
import { record } from "../audit/record.ts";
import type { App, Caller } from "../context.ts";
import type { Fault } from "../kernel/fault.ts";
import { ownerOf } from "../tokens/authenticate.ts";

type Origin = Pick<Caller, "requestId" | "sourceAddress">;

/** Rows for one address, token and reason, and for all together: nobody without a token may fill the log. */
const ROWS_PER_MINUTE = 1;
const ROWS_PER_MINUTE_ALL = 60;

/** Puts on record who was turned away at the door; a token that ran out or was revoked still names its account. */
export function refusedTokens(app: App) {
  const each = new RateLimiterMemory({ points: ROWS_PER_MINUTE, duration: 60 });
  const all = new RateLimiterMemory({ points: ROWS_PER_MINUTE_ALL, duration: 60 });
  const isAllowed = (limiter: RateLimiterMemory, key: string) =>
    limiter.consume(key).then(
      () => true,
      () => false,
    );

  return async (secret: string | undefined, refusal: Fault, origin: Origin): Promise<void> => {
    const owner = secret === undefined ? null : await ownerOf(app.db, secret);
    const key = `${origin.sourceAddress} ${refusal.code} ${owner?.tokenId ?? ""}`;
    if (!(await isAllowed(each, key)) || !(await isAllowed(all, "all"))) return;
    const actor = owner?.actor ?? UNKNOWN;
    await app.db.withTx((tx) =>
      record(tx, { actor, ...origin, clock: app.clock, ids: app.ids }, [
        {
          action: "authorization.refused",
          outcome: "refused",
          targetType: "token",
          targetId: owner?.tokenId ?? "unknown",
          reason: refusal.code,
        },
      ]),
    );
  };
}

const UNKNOWN = { accountId: null, name: "unknown", organizationId: null, grants: [] };
