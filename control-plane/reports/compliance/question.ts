import { z } from "@hono/zod-openapi";
import { covers, type Scope } from "../../authz/scope.ts";
import { type Place, placeOf } from "../../compliance/place.ts";
import type { Resource } from "../../compliance/resource.ts";
import type { App } from "../../context.ts";
import { chinaDate, endOfChinaDate } from "../../kernel/calendar.ts";
import { plus } from "../../kernel/clock.ts";
import { fault } from "../../kernel/fault.ts";
import { type CloudId, knownId } from "../../kernel/ids.ts";
import { civilDate, slug } from "../../kernel/input.ts";

/** `format` is looked at by itself, so that an unknown one has its own code. */
export const ComplianceQuery = z.strictObject({
  format: z.string().max(20).optional().describe("json (default), csv, xlsx, oscal, html or pdf"),
  framework: slug.optional().describe("A pack of rules; absent: all of them"),
  scope: z
    .string()
    .regex(
      /^(province|(cloud|organization|system):[a-z0-9][a-z0-9._-]{0,99})$/,
      "must be province or KIND:ID",
    )
    .optional()
    .describe(
      "province, cloud:ID, organization:ID with everything below it, or system:ID; absent: all you may see",
    ),
  asOf: civilDate.optional().describe("The end of a day in China; absent: now"),
});

/** What a report is asked for, with everything looked up. */
export interface Question {
  readonly framework: string | null;
  /** `province`, `cloud:guangzhou`; `own` for everything that the reader may see. */
  readonly scope: string;
  readonly place: Place | null;
  /** The moment that the report speaks of. */
  readonly instant: Date;
  readonly day: string;
  readonly includes: (resource: Resource) => boolean;
}

export type Asked = Omit<z.infer<typeof ComplianceQuery>, "format">;

/**
 * @throws http.not_found for a place that the reader does not see
 * @throws report.future for a day that has not come
 */
export async function questionOf(
  app: Pick<App, "db" | "clock">,
  scope: Scope,
  { framework, scope: asked, asOf }: Asked,
): Promise<Question> {
  const now = app.clock.now();
  const today = chinaDate(now);
  if (asOf !== undefined && asOf > today) throw fault("report.future", { asOf, today });
  // The last moment of the day: what is recorded at midnight belongs to the next one.
  const instant = asOf === undefined || asOf === today ? now : plus(endOfChinaDate(asOf), -1);
  const place = await placeWithin(app, scope, asked);
  return {
    framework: framework ?? null,
    scope: asked ?? (scope.everywhere ? "province" : "own"),
    place,
    instant,
    day: asOf ?? today,
    includes: includesOf(scope, place),
  };
}

/** What lies in a place, of that which the reader sees. */
export function includesOf(scope: Scope, place: Place | null): Question["includes"] {
  const sees = ({ cloudId, organizationPath }: Resource) =>
    covers(scope, { cloudId: cloudId === null ? null : knownId<CloudId>(cloudId), organizationPath });
  return (resource) => sees(resource) && (place === null || isAt(place, resource));
}

async function placeWithin(
  app: Pick<App, "db">,
  scope: Scope,
  asked: string | undefined,
): Promise<Place | null> {
  if (asked === undefined) return null;
  if (asked === "province") {
    if (!scope.everywhere) throw fault("http.not_found");
    return null;
  }
  const place = await app.db.read((tx) => placeOf(tx, asked));
  if (place === null || !covers(scope, { cloudId: place.cloudId, organizationPath: place.path })) {
    throw fault("http.not_found");
  }
  return place;
}

function isAt({ kind, id }: Place, { cloudId, organizationPath, systemId }: Resource): boolean {
  if (kind === "cloud") return cloudId === id;
  if (kind === "system") return systemId === id;
  return organizationPath?.includes(`/${id}/`) ?? false;
}
