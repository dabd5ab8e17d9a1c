import { z } from "@hono/zod-openapi";
import { text } from "../kernel/input.ts";
import { outdatedPicture, type PictureSettings } from "../placement/picture-age.ts";
import type { CloudRow, LookRow, ZoneRow } from "./rows.ts";
import { status, tier, Zone, zoneOf } from "./wire.ts";

const assessment = z.object({
  validUntil: z.string().nullable().describe("Last valid day in China, null without an assessment"),
});

/** Without the connection: where and how a cloud is reached concerns the adapters only. */
export const Cloud = z
  .object({
    id: z.string(),
    tier,
    name: text,
    jurisdiction: z.string(),
    sector: z.string(),
    csp: z.string(),
    country: z.string(),
    operationsCountry: z.string(),
    mlpsLevel: z.int(),
    operatingModel: z.enum(["integrated", "separated"]),
    assessments: z.object({ security: assessment, cryptography: assessment }),
    providerKind: z.string(),
    zones: z.array(Zone),
    status,
    health: z.object({
      reachable: z.boolean(),
      degradedSince: z.iso.datetime().nullable(),
      degradedReason: z.string().nullable(),
      lastProbedAt: z.iso.datetime().nullable(),
    }),
    picture: z
      .object({
        syncedAt: z.iso.datetime().nullable().describe("When the cloud was last looked through as a whole"),
        ageSeconds: z.int().nullable().describe("Since then, or since the first attempt; null before it"),
        outdated: z.boolean().describe("Too old for something new to be placed there"),
        outdatedAfterSeconds: z.int(),
        problem: z.string().nullable().describe("Why the last look failed"),
        problemSince: z.iso.datetime().nullable(),
      })
      .describe("How old what is known of the cloud is"),
    supports: z
      .object({
        enforcedQuota: z.array(z.string()).describe("Classes whose quota the cloud itself enforces"),
        suspend: z.boolean(),
        discoverCapacity: z.boolean(),
        instances: z.boolean(),
        resize: z.boolean().describe("An instance changes its size and stays the same"),
        wipeReceipt: z.boolean(),
        issueAccess: z.boolean(),
      })
      .nullable()
      .describe("What the cloud has said that it can do; null before its first answer"),
    generation: z.int(),
  })
  .openapi("Cloud");
export type Cloud = z.infer<typeof Cloud>;

/** What belongs to a cloud and is kept elsewhere. */
export interface BesideCloud {
  readonly zones: readonly ZoneRow[];
  readonly look: LookRow | undefined;
}

export function cloudOf(row: CloudRow, { zones, look }: BesideCloud, age: PictureSettings): Cloud {
  const { id, tier, sector, csp, country, operationsCountry, mlpsLevel, operatingModel } = row;
  return {
    id,
    tier,
    name: { zh: row.nameZh, en: row.nameEn },
    jurisdiction: row.jurisdictionCode,
    sector,
    csp,
    country,
    operationsCountry,
    mlpsLevel,
    operatingModel,
    assessments: {
      security: { validUntil: row.securityAssessmentValidUntil },
      cryptography: { validUntil: row.cryptoAssessmentValidUntil },
    },
    providerKind: row.providerKind,
    zones: zones.map(zoneOf),
    status: row.status,
    health: {
      reachable: row.reachable,
      degradedSince: row.degradedSince?.toISOString() ?? null,
      degradedReason: row.degradedReason,
      lastProbedAt: row.lastProbedAt?.toISOString() ?? null,
    },
    picture: pictureOf(look, age),
    supports:
      row.supports === null ? null : { ...row.supports, enforcedQuota: [...row.supports.enforcedQuota] },
    generation: row.generation,
  };
}

function pictureOf(look: LookRow | undefined, age: PictureSettings): Cloud["picture"] {
  const lookedAt = look?.syncedAt ?? look?.watchedSince ?? null;
  return {
    syncedAt: look?.syncedAt?.toISOString() ?? null,
    ageSeconds: lookedAt === null ? null : Math.floor((age.now.getTime() - lookedAt.getTime()) / 1000),
    outdated: outdatedPicture(lookedAt, age) !== null,
    outdatedAfterSeconds: age.staleMinutes * 60,
    problem: look?.problem ?? null,
    problemSince: look?.problemSince?.toISOString() ?? null,
  };
}
