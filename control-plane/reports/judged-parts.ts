import type { Scope } from "../authz/scope.ts";
import type { App } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { loadTopology, organizationFacts } from "../placement/load-snapshot.ts";
import type { PlacementFacts } from "../policy/facts.ts";
import { factsNow, type Topology, topologyOf } from "./facts-now.ts";
import { pagesOver } from "./pages.ts";
import { countTenancies, partsOf, type ReportFilters, type ReportPart, type ReportTenancy } from "./rows.ts";

/** A part of a live tenancy with what the rules see of it. */
export interface JudgedPart extends ReportTenancy {
  readonly part: ReportPart;
  readonly facts: PlacementFacts;
  /** What is asked of the tenancy as a whole is asked once, with its primary part. */
  readonly about: "tenancy" | "placement";
}

/** Every live tenancy that the caller may see, part by part, with the facts of this day; some tenancies at a time. */
export async function* judgedParts(
  app: Pick<App, "db">,
  scope: Scope,
  filters: ReportFilters,
  today: string,
  tenanciesPerPage?: number,
): AsyncGenerator<readonly JudgedPart[]> {
  const topology = topologyOf(await app.db.withTx((tx) => loadTopology(tx)));
  for await (const page of pagesOver(app, scope, filters, subjectsOf, tenanciesPerPage)) {
    yield page.flatMap((subject) => partsIn(topology, today, subject, filters));
  }
}

/** How many tenancies that will be. */
export function countJudged(tx: Tx, scope: Scope, filters: ReportFilters): Promise<number> {
  return countTenancies(tx, scope, filters);
}

interface Subject extends ReportTenancy {
  readonly parts: readonly ReportPart[];
}

async function subjectsOf(tx: Tx, tenancies: readonly ReportTenancy[]): Promise<Subject[]> {
  const ids = tenancies.map(({ tenancy }) => tenancy.id);
  const parts = new Map<string, ReportPart[]>();
  for (const part of await partsOf(tx, ids)) {
    parts.set(part.tenancyId, [...(parts.get(part.tenancyId) ?? []), part]);
  }
  return tenancies.map((one) => ({ ...one, parts: parts.get(one.tenancy.id) ?? [] }));
}

function partsIn(
  topology: Topology,
  today: string,
  { parts, ...subject }: Subject,
  { cloudId }: ReportFilters,
): JudgedPart[] {
  const { tenancy, organization, system } = subject;
  const judged = {
    tenancyId: tenancy.id,
    granted: tenancy.granted.facts,
    organization: organizationFacts(organization),
    system: system === null ? null : { mlpsLevel: system.mlpsLevel, dataClass: system.dataClass },
    parts,
  };
  const shown = parts.filter((part) => cloudId === undefined || part.cloudId === cloudId);
  return shown.map((part) => ({
    ...subject,
    part,
    facts: factsNow(topology, today, judged, part),
    about: part.role === "primary" ? "tenancy" : "placement",
  }));
}
