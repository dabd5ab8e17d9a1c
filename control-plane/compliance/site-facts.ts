import { daysInclusive } from "../kernel/calendar.ts";
import type { PoolFacts, SiteFacts } from "../policy/facts.ts";
import type { Topology } from "../reports/facts-now.ts";

/** What the tables hold of one cloud as a whole. Days are days in China. */
export interface SiteRecord {
  readonly cloudId: string;
  readonly kind: string;
  readonly connection: Readonly<Record<string, unknown>>;
  readonly reachable: boolean;
  /** Null where it was never looked through. */
  readonly syncedOn: string | null;
  /** Null where no credential is kept here. */
  readonly credential: { readonly fields: readonly string[]; readonly setOn: string } | null;
  readonly strays: number;
  readonly removalsWithoutReceipt: number;
}

/** The facts of every cloud, with its pools as they are registered. */
export function sitesOf(
  topology: Topology,
  today: string,
  records: readonly SiteRecord[],
): ReadonlyMap<string, SiteFacts> {
  const pools = [...topology.pools.values()];
  return new Map(
    records.map((record) => {
      const { cloudId, kind, reachable, credential, strays, removalsWithoutReceipt } = record;
      const own = pools.filter((pool) => pool.cloudId === cloudId).map(({ facts }) => poolOf(facts));
      const site: SiteFacts = {
        kind,
        encryptedManagement: addressesIn(record.connection).every((address) => address.startsWith("https:")),
        clientCertificate: credential?.fields.includes("clientCertificate") ?? false,
        reachable,
        daysSinceSync: daysSince(record.syncedOn, today),
        credentialAgeDays: daysSince(credential?.setOn ?? null, today),
        strays,
        removalsWithoutReceipt,
        pools: own,
      };
      return [cloudId, site];
    }),
  );
}

function poolOf(facts: Omit<PoolFacts, "reservePercent">): SiteFacts["pools"][number] {
  const { id, zone, architecture, xinchuang, mlpsLevel, tenantIsolation, encryption, faultDomains } = facts;
  return { id, zone, architecture, xinchuang, mlpsLevel, tenantIsolation, encryption, faultDomains };
}

/** Wherever a kind of cloud keeps its addresses. The way to a proxy is not the way to the cloud. */
function addressesIn(value: unknown): string[] {
  if (typeof value === "string") return /^https?:/.test(value) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([field, inner]) => (field === "proxy" ? [] : addressesIn(inner)));
}

function daysSince(day: string | null, today: string): number {
  return day === null ? -1 : Math.max(0, daysInclusive(day, today) - 1);
}
