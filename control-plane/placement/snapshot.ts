import type { CloudId, PoolId } from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";
import type { Text } from "../kernel/text.ts";
import type { CloudFacts, OrganizationFacts, PoolFacts } from "../policy/facts.ts";
import type { DayRoom } from "../quota/pool-calendar.ts";
import type { QuotaChain } from "../quota/tree.ts";

export type ServiceStatus = "active" | "suspended";
export type Zone = PoolFacts["zone"];

/** Whole units, in OpenStack Placement's terms; `capacityOf` turns the first columns into a capacity. */
export interface SnapshotInventory {
  readonly total: number;
  readonly reserved: number;
  readonly allocationRatioMilli: number;
  /** One tenancy part gets at least `minUnit`, at most `maxUnit`, and a multiple of `stepSize`. */
  readonly minUnit: number;
  readonly maxUnit: number;
  readonly stepSize: number;
  /** Claimed for good, without what is held. */
  readonly used: number;
  /** Held for plans that wait for their approval or execution. */
  readonly held: number;
  /** Growth is refused until the pool is back under a lowered capacity. */
  readonly frozen?: boolean;
  /** True where commitments bind a part of it. */
  readonly promised?: boolean;
  /** Absent where nothing is promised. */
  readonly promises?: PromisedRoom;
}

/** What the asking organization could get of an inventory of which something is promised. */
export interface PromisedRoom {
  readonly outlook: readonly DayRoom[];
  /** How long after its term a tenancy still counts. */
  readonly retentionDays: number;
}

export type Inventories = { readonly [Class in ResourceClass]?: SnapshotInventory };

export interface SnapshotPool {
  readonly id: PoolId;
  readonly cloudId: CloudId;
  readonly name: Text;
  readonly status: ServiceStatus;
  /** Names the machine room or site that fails as one; "" where unknown, which counts as one and the same. */
  readonly faultDomain: string;
  /** Without `reservePercent`, which depends on the request. */
  readonly facts: Readonly<Omit<PoolFacts, "reservePercent">>;
  readonly inventories: Inventories;
}

/** What a request can need of a cloud; flags as in `providers/port.ts`. */
export interface CloudSupports {
  readonly instances: boolean;
  readonly resize: boolean;
}

export interface OutdatedPicture {
  /** Since the last look that succeeded, or since the first one that was tried. */
  readonly ageMinutes: number;
  readonly limitMinutes: number;
}

export interface SnapshotCloud {
  readonly id: CloudId;
  readonly name: Text;
  readonly status: ServiceStatus;
  /** The cloud does not answer. */
  readonly stale: boolean;
  /** Present where the last whole look at the cloud is too old to decide on, whether it answers or not. */
  readonly outdated?: OutdatedPicture;
  /** Absent while the cloud has not said what it can do. */
  readonly supports?: CloudSupports;
  readonly facts: Readonly<CloudFacts>;
  /** Where a claim of the asking organization attaches on this cloud, up to the root; null without quota. */
  readonly quotaChain: QuotaChain | null;
}

export interface Coordinates {
  /** Degrees, north positive. */
  readonly latitude: number;
  /** Degrees, east positive. */
  readonly longitude: number;
}

/** A frozen picture of everything that a placement depends on; the order of its lists has no meaning. */
export interface PlacementSnapshot {
  /** Today in China, `YYYY-MM-DD`. */
  readonly today: string;
  readonly organization: Readonly<OrganizationFacts>;
  readonly clouds: readonly SnapshotCloud[];
  readonly pools: readonly SnapshotPool[];
  /** Seats of government by GB/T 2260 code. */
  readonly jurisdictions: ReadonlyMap<string, Coordinates>;
}
