import { sealAudit } from "../audit/seal.ts";
import type { SigningKey } from "../audit/signing-key.ts";
import { probeClouds } from "../clouds/probe.ts";
import { reviewCommitments } from "../commitments/review.ts";
import { workOnAssessments } from "../compliance/assess.ts";
import { followChanges } from "../compliance/follow.ts";
import type { App } from "../context.ts";
import { forgetEventsBefore } from "../events/forget.ts";
import { forgetKeysBefore } from "../http/idempotency.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, plus } from "../kernel/clock.ts";
import { reviewOverLimits } from "../over-limits/review.ts";
import { giveNotices } from "../policy/exemptions/notices.ts";
import type { Clouds } from "../provisioning/clouds.ts";
import { sweepDrift, sweepUnconverged } from "../provisioning/sweep.ts";
import { verify } from "../quota/verify/verify.ts";
import { expireRequests } from "../requests/expire.ts";
import { syncClouds } from "../sync/sync-clouds.ts";
import { expireTerms } from "../tenancies/expire-terms.ts";
import type { PeriodicTask } from "./periodic.ts";

const IDEMPOTENCY_KEPT_MS = 2 * DAY_MS;
const EVENTS_KEPT_MS = 7 * DAY_MS;

/** What a worker does again and again; every task may run in several workers at once. */
export function tasksOf(app: App, clouds: Clouds, signingKey: SigningKey): PeriodicTask[] {
  const before = (milliseconds: number) => plus(app.clock.now(), -milliseconds);
  return [
    { name: "audit.seal", everyMs: 2000, run: () => sealAudit(app, signingKey) },
    { name: "tenancy.sweep", everyMs: 10_000, run: () => sweepUnconverged(app) },
    { name: "tenancy.observe", everyMs: MINUTE_MS, run: () => sweepDrift(app) },
    { name: "request.expire", everyMs: 30_000, run: () => expireRequests(app) },
    { name: "tenancy.expire-terms", everyMs: 10 * MINUTE_MS, run: () => expireTerms(app) },
    { name: "cloud.probe", everyMs: 10_000, run: () => probeClouds(app, clouds) },
    { name: "cloud.sync", everyMs: 10_000, overlapping: true, run: () => syncClouds(app, clouds) },
    { name: "over-limit.review", everyMs: 15_000, run: () => reviewOverLimits(app) },
    { name: "commitment.review", everyMs: MINUTE_MS, run: () => reviewCommitments(app) },
    { name: "exemption.notices", everyMs: 10 * MINUTE_MS, run: () => giveNotices(app) },
    { name: "compliance.follow", everyMs: 15_000, run: () => followChanges(app) },
    { name: "compliance.assess", everyMs: 5000, run: () => workOnAssessments(app) },
    { name: "quota.verify", everyMs: 10 * MINUTE_MS, run: () => verify(app) },
    {
      name: "idempotency.forget",
      everyMs: HOUR_MS,
      run: () => app.db.withTx((tx) => forgetKeysBefore(tx, before(IDEMPOTENCY_KEPT_MS))),
    },
    {
      name: "event.forget",
      everyMs: HOUR_MS,
      run: () => app.db.withTx((tx) => forgetEventsBefore(tx, before(EVENTS_KEPT_MS))),
    },
  ];
}
