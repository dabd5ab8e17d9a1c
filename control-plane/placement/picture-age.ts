import type { Config } from "../config.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { MINUTE_MS } from "../kernel/clock.ts";
import type { OutdatedPicture } from "./snapshot.ts";

/** What a picture depends on beside the database. */
export interface PictureSettings {
  readonly now: Date;
  /** Today in China, `YYYY-MM-DD`. */
  readonly today: string;
  readonly retentionDays: number;
  /** How old the last look at a cloud may be for something new to be placed there. */
  readonly staleMinutes: number;
}

export function pictureSettings(
  now: Date,
  config: Pick<Config, "RETENTION_DAYS" | "STALE_MINUTES">,
): PictureSettings {
  const { RETENTION_DAYS: retentionDays, STALE_MINUTES: staleMinutes } = config;
  return { now, today: chinaDate(now), retentionDays, staleMinutes };
}

/** Null where the look is young enough, and where nobody has tried to look yet: then the documents are all there is. */
export function outdatedPicture(
  lookedAt: Date | null,
  { now, staleMinutes: limitMinutes }: Pick<PictureSettings, "now" | "staleMinutes">,
): OutdatedPicture | null {
  if (lookedAt === null) return null;
  const ageMs = now.getTime() - lookedAt.getTime();
  if (ageMs <= limitMinutes * MINUTE_MS) return null;
  return { ageMinutes: Math.floor(ageMs / MINUTE_MS), limitMinutes };
}
