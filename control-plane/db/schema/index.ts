// Drizzle wants one object with every table; this is the only file that gathers them.
export * from "./accounts.ts";
export * from "./audit.ts";
export * from "./commitments.ts";
export * from "./compliance.ts";
export * from "./organizations.ts";
export * from "./over-limits.ts";
export * from "./policies.ts";
export * from "./quota.ts";
export * from "./requests.ts";
export * from "./shared-texts.ts";
export * from "./sync.ts";
export * from "./tenancies.ts";
export * from "./topology.ts";
