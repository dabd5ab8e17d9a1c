import type { Ctx } from "../context.ts";
import type { Database, Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { gathered } from "../kernel/gather.ts";
import { knownId, type OrganizationId } from "../kernel/ids.ts";
import { type HeldFigures, heldFigures, toldApart } from "../placement/held-figures.ts";
import { loadSnapshots } from "../placement/load-snapshot.ts";
import { pictureSettings } from "../placement/picture-age.ts";
import { type Freshness, recentTopology } from "../placement/recent-topology.ts";
import type { PlacementSnapshot } from "../placement/snapshot.ts";
import { type PriceList, priceListOn } from "../pricing/price.ts";
import { loadPriceLists } from "../pricing/store.ts";
import { type Deliberation, withinTime } from "./decide.ts";
import { deliberate, placedIn } from "./deliberate.ts";
import { type Asked, questionOf } from "./question.ts";
import { findOpenTwins, findOrganizations, findSystems, type OrganizationRow } from "./store.ts";
import type { CreateBody } from "./wire-body.ts";

interface DryRun {
  readonly ctx: Ctx;
  readonly body: CreateBody;
}

export interface Tried {
  readonly asked: Asked;
  readonly deliberation: Deliberation;
}

/** A round takes the event loop for as long as all of its decisions together. */
const QUESTIONS_MAX = 32;
const ABREAST = 2;

type Ask = (dryRun: DryRun) => Promise<Tried>;

const LINES = new WeakMap<Database, Map<Freshness, Ask>>();

/** Tries requests for new tenancies; those that come at the same moment share one transaction. */
export function tryCreate(db: Database, dryRun: DryRun, freshness: Freshness = "own"): Promise<Tried> {
  const lines = LINES.get(db) ?? new Map<Freshness, Ask>();
  LINES.set(db, lines);
  const line: Ask =
    lines.get(freshness) ??
    gathered((dryRuns: readonly DryRun[]) => db.read((tx) => tryAll(db, tx, dryRuns, freshness)), {
      questionsMax: QUESTIONS_MAX,
      abreast: ABREAST,
    });
  lines.set(freshness, line);
  return line(dryRun);
}

/** What is on record of several requests, read once for all of them. */
interface Record {
  readonly organizations: ReadonlyMap<string, OrganizationRow>;
  readonly systems: Awaited<ReturnType<typeof findSystems>>;
  readonly twins: ReadonlyMap<number, string>;
  readonly snapshots: ReadonlyMap<OrganizationId, PlacementSnapshot>;
  readonly priceList: PriceList | null;
}

async function tryAll(
  db: Database,
  tx: Tx,
  dryRuns: readonly DryRun[],
  freshness: Freshness,
): Promise<PromiseSettledResult<Tried>[]> {
  const [first] = dryRuns;
  if (first === undefined) return [];
  const record = await withinTime(tx, first.ctx, () => read(db, tx, dryRuns, first.ctx, freshness));
  const placed = dryRuns.map((dryRun, at) => attempt(() => placing(dryRun, record, record.twins.get(at))));
  const short = placed.flatMap((one) => (one.status === "fulfilled" ? one.value.outcome.refusals : []));
  const held = await heldFigures(tx, short);
  return placed.map((one) =>
    one.status === "fulfilled" ? attempt(() => answerTo(one.value, record, held)) : one,
  );
}

/** One that cannot be answered keeps none of the others from their answers. */
function attempt<Value>(run: () => Value): PromiseSettledResult<Value> {
  try {
    return { status: "fulfilled", value: run() };
  } catch (reason) {
    return { status: "rejected", reason };
  }
}

async function read(
  db: Database,
  tx: Tx,
  dryRuns: readonly DryRun[],
  ctx: Ctx,
  freshness: Freshness,
): Promise<Record> {
  const settings = pictureSettings(ctx.clock.now(), ctx.config);
  const bodies = dryRuns.map(({ body }) => body);
  const ids = [...new Set(bodies.map(({ organizationId }) => knownId<OrganizationId>(organizationId)))];
  // Sent one behind the other, so that all of them are one way to the database and back.
  const [found, systems, twins, topology, priceLists] = await Promise.all([
    findOrganizations(tx, ids),
    findSystems(
      tx,
      bodies.map(({ organizationId, system }) => ({ organizationId, name: system.name })),
    ),
    findOpenTwins(tx, bodies),
    recentTopology(db, tx, freshness),
    loadPriceLists(tx),
  ]);
  return {
    organizations: new Map(found.map((row) => [row.id, row])),
    systems,
    twins,
    snapshots: await loadSnapshots(tx, settings, found, topology),
    priceList: priceListOn(priceLists, settings.today),
  };
}

interface Placing {
  readonly ctx: Ctx;
  readonly asked: Asked;
  readonly snapshot: PlacementSnapshot;
  readonly outcome: ReturnType<typeof placedIn>;
}

function placing({ ctx, body }: DryRun, record: Record, twin: string | undefined): Placing {
  const organization = record.organizations.get(body.organizationId);
  const system = record.systems.get(body.organizationId)?.get(body.system.name);
  const asked = questionOf(ctx, body, organization, system);
  if (twin !== undefined) throw fault("request.duplicate", { id: twin });
  const { question } = asked;
  const snapshot = record.snapshots.get(question.organizationId);
  if (snapshot === undefined) throw fault("organization.unknown", { organizationId: body.organizationId });
  return { ctx, asked, snapshot, outcome: placedIn(ctx.policies, snapshot, question) };
}

function answerTo({ ctx, asked, snapshot, outcome }: Placing, record: Record, held: HeldFigures): Tried {
  const refusals = toldApart(outcome.refusals, held);
  const { policies, clock } = ctx;
  const { priceList } = record;
  const settled = { ...outcome, refusals };
  return {
    asked,
    deliberation: deliberate(policies, snapshot, priceList, asked.question, settled, clock.now()),
  };
}
