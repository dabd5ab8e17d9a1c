import { DEFAULT_PREFERENCES, type Preferences, type Tier } from "../placement/preferences.ts";
import type { PlacementPreferences } from "../policy/schema.ts";

/** The policy speaks of a department's own city and sector, placement of tiers of clouds. */
const TIER_OF: Record<PlacementPreferences["locality"][number], Tier> = {
  own_city: "municipal",
  provincial: "provincial",
  sector_industry: "industry",
};

export function preferencesOf(stated: PlacementPreferences | null): Preferences {
  if (stated === null) return DEFAULT_PREFERENCES;
  return {
    localityOrder: stated.locality.map((locality) => TIER_OF[locality]),
    strategy: stated.strategy,
    weights: { ...DEFAULT_PREFERENCES.weights, ...stated.weights },
  };
}
