import type { Config } from "../config.ts";
import { STATEMENT_CANCELLED, sqlStateOf } from "../db/errors.ts";
import type { Tx } from "../db/tx.ts";
import { limitStatements } from "../db/tx.ts";
import type { Clock } from "../kernel/clock.ts";
import { fault } from "../kernel/fault.ts";
import type { OrganizationId, TenancyId } from "../kernel/ids.ts";
import { withHeldFigures } from "../placement/held-figures.ts";
import { loadSnapshot } from "../placement/load-snapshot.ts";
import { pictureSettings } from "../placement/picture-age.ts";
import type { ExistingPart } from "../placement/place-in-place.ts";
import type { RequestFacts } from "../policy/facts.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { priceListOn } from "../pricing/price.ts";
import { loadPriceLists } from "../pricing/store.ts";
import type { HeldPart } from "../quota/held-part.ts";
import type { Decision, PlacementAnswer } from "./decision.ts";
import { deliberate, placedIn } from "./deliberate.ts";
import type { Plan } from "./plan.ts";

export interface Question {
  readonly organizationId: OrganizationId;
  readonly facts: RequestFacts;
  readonly tenancyId: TenancyId | null;
  /** Where the tenancy is already, or where an undecided plan wants it to stay; null lets placement choose. */
  readonly existing: readonly ExistingPart[] | null;
  /** What this request holds itself. */
  readonly ownHold: readonly HeldPart[];
  readonly dataExport: Plan["dataExport"];
}

/** One way in which the request could be carried out, with the decision that goes with it. */
export interface Proposal {
  readonly decision: Decision;
  readonly plan: Plan;
  readonly planHash: string;
}

export interface Deliberation {
  /** Best first; empty when the request is denied. */
  readonly proposals: readonly Proposal[];
  /** The decision of the first proposal, or the denial. */
  readonly decision: Decision;
  readonly placement: PlacementAnswer;
}

interface DecideContext {
  readonly clock: Clock;
  readonly config: Pick<Config, "DECISION_TIMEOUT_MS" | "RETENTION_DAYS" | "STALE_MINUTES">;
  readonly policies: PolicySet;
}

/** Policy and placement over one frozen picture. Writes nothing: dry runs, submissions and approvals all come here. */
export async function decide(tx: Tx, ctx: DecideContext, question: Question): Promise<Deliberation> {
  const now = ctx.clock.now();
  const settings = pictureSettings(now, ctx.config);
  const picture = await withinTime(tx, ctx, async () => ({
    snapshot: await loadSnapshot(tx, settings, question.organizationId, question.ownHold),
    priceLists: await loadPriceLists(tx),
  }));
  const { snapshot } = picture;
  const placed = placedIn(ctx.policies, snapshot, question);
  const refusals = await withHeldFigures(tx, placed.refusals);
  const priceList = priceListOn(picture.priceLists, settings.today);
  return deliberate(ctx.policies, snapshot, priceList, question, { ...placed, refusals }, now);
}

/** No decision in time is said to be just that: a picture that came too late or not at all shows no shortage. */
export async function withinTime<Value>(
  tx: Tx,
  ctx: Omit<DecideContext, "policies">,
  read: () => Promise<Value>,
): Promise<Value> {
  const limitMs = ctx.config.DECISION_TIMEOUT_MS;
  const began = ctx.clock.now();
  await limitStatements(tx, limitMs);
  try {
    const value = await read();
    const tookMs = ctx.clock.now().getTime() - began.getTime();
    if (tookMs > limitMs) throw fault("decision.timeout", { limitMs, tookMs });
    return value;
  } catch (error) {
    if (sqlStateOf(error) === STATEMENT_CANCELLED)
      throw fault("decision.timeout", { limitMs }, { cause: error });
    throw error;
  }
}
