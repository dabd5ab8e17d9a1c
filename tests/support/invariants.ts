import type { Database } from "../../control-plane/db/tx.ts";
import { EXPIRY_GRACE_MS, INVARIANTS } from "../../control-plane/quota/verify/invariants.ts";
import { look } from "../../control-plane/quota/verify/look.ts";

/** The default of the setting. */
const RETENTION_DAYS = 30;

/** A time at which no hold is late: for tests whose clock stands wherever they have put it. */
const BEFORE_ANY_EXPIRY = new Date(EXPIRY_GRACE_MS);

/** Empty where all hold; otherwise each broken one by name, with where and in which figures. */
export async function brokenInvariants(
  db: Database,
  invariants = INVARIANTS,
  now = BEFORE_ANY_EXPIRY,
): Promise<string[]> {
  const verdicts = await look(db, now, { retentionDays: RETENTION_DAYS }, invariants);
  return verdicts.flatMap(({ name, differences }) =>
    differences.map(({ place, figures }) => `${name} — ${place}: ${JSON.stringify(figures)}`),
  );
}
