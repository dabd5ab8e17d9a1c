import type { LifeStatus } from "../requests/lifecycle.ts";

/** Statuses in which a change may be requested: nothing else is being done to the tenancy. */
export const CHANGEABLE: readonly LifeStatus[] = ["trial", "in_service", "suspended"];

/** What cannot be built may be given back as well. */
export const RELEASABLE: readonly LifeStatus[] = ["provisioning", ...CHANGEABLE];
