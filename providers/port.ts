/**
 * What the control plane asks of a cloud. One implementation per kind of cloud; each passes
 * `tests/conformance/provider.ts`. No SDK type and no control-plane type crosses this file.
 *
 * Rules that hold for every method:
 * - It throws only `ProviderFault` (`faults.ts`); anything else is a defect of the adapter.
 * - It may be repeated at any time with the same arguments and then has no further effect:
 *   the caller records its intent before the call and repeats it after a crash or a lost reply.
 * - It ends when `signal` is aborted, by throwing `Unavailable`.
 */

/** Whole units; the names are those of the control plane's resource classes. */
export type ProviderQuantities = Readonly<Record<string, number>>;

/** Marks every object that the control plane makes, so that orphans and imports can be told apart. */
export interface Ownership {
  /** Names this installation; objects of another installation are never touched. */
  readonly installation: string;
  readonly tenancyId: string;
  readonly placementId: string;
  readonly organizationId: string;
}

export interface TenancySpec {
  readonly ownership: Ownership;
  /** Unique in the cloud, derived from the placement id, at most 63 characters of `[a-z0-9-]`. */
  readonly name: string;
  readonly displayName: string;
  /** The pool's name at the cloud: an availability zone, an aggregate, a node label. */
  readonly pool: string;
  readonly zone: "internet" | "extranet" | "dedicated";
  /** The quota that the cloud itself has to enforce. */
  readonly quota: ProviderQuantities;
  /** Group of the department at the cloud's identity service that gets access. */
  readonly accessGroup: string;
  readonly suspended: boolean;
}

export interface InstanceSpec {
  readonly ownership: Ownership;
  /** Unique inside the tenancy. */
  readonly name: string;
  readonly vcpu: number;
  readonly memoryGiB: number;
  readonly diskGiB: number;
  readonly image: string;
  readonly architecture: string;
}

export interface ObservedTenancy {
  /** The cloud's own id: a project id, a namespace, a VPC id. */
  readonly ref: string;
  readonly name: string;
  /** Null where the object bears no ownership mark: it was not made by a control plane. */
  readonly ownership: Ownership | null;
  readonly state: "creating" | "active" | "suspended" | "removing" | "error";
  readonly pool: string;
  readonly quota: ProviderQuantities;
  readonly accessGroup: string | null;
  /** True while the tenancy's network admits nothing that was not allowed. */
  readonly isolated: boolean;
  readonly message: string | null;
}

export interface ObservedInstance {
  readonly ref: string;
  readonly tenancyRef: string;
  readonly name: string;
  readonly ownership: Ownership | null;
  /** Acceptance is not success: only `active` is running. */
  readonly state: "creating" | "active" | "stopped" | "removing" | "error";
  readonly vcpu: number;
  readonly memoryGiB: number;
  readonly diskGiB: number;
  readonly image: string;
  readonly message: string | null;
}

export interface PoolCapacity {
  readonly pool: string;
  readonly total: ProviderQuantities;
  readonly used: ProviderQuantities;
}

export interface ProviderImage {
  readonly ref: string;
  readonly name: string;
  readonly architecture: string;
}

export interface ProviderNetwork {
  readonly ref: string;
  readonly tenancyRef: string;
  readonly name: string;
  readonly isolated: boolean;
}

/** Proof that data is gone, kept as evidence for 剩余信息保护 (GB/T 22239-2019 8.2.4.7). */
export interface WipeReceipt {
  readonly tenancyName: string;
  readonly volumesWiped: number;
  readonly wipedAt: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Opaque; null on the last page. */
  readonly next: string | null;
}

/** What a kind of cloud cannot do; the planner and the console respect it. */
export interface Supports {
  /** The cloud itself enforces the tenancy's quota. */
  readonly enforcedQuota: boolean;
  readonly suspend: boolean;
  readonly discoverCapacity: boolean;
  readonly instances: boolean;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Passed to the cloud where its API has such a header, and logged beside the cloud's own. */
  readonly requestId?: string;
}

export interface PageOptions extends CallOptions {
  readonly after?: string;
  readonly limit?: number;
}

export interface CloudProvider {
  readonly kind: string;
  readonly supports: Supports;

  /** Reaches the cloud with the configured credentials; resolves with its version. */
  probe(options?: CallOptions): Promise<{ readonly version: string }>;
  discoverCapacity(options?: CallOptions): Promise<readonly PoolCapacity[]>;

  /**
   * Creates the tenancy, or brings an existing one of the same name and ownership to the spec.
   * `clientToken` is stable over repeats. A name held by a foreign owner is `Conflict`.
   */
  ensureTenancy(spec: TenancySpec, clientToken: string, options?: CallOptions): Promise<ObservedTenancy>;
  /** `NotFound` when there is none of that name. */
  getTenancy(name: string, options?: CallOptions): Promise<ObservedTenancy>;
  /** Starts or continues removal with everything inside; repeat until it throws `NotFound`. */
  removeTenancy(name: string, options?: CallOptions): Promise<void>;
  /** Available after `removeTenancy` threw `NotFound`; `NotFound` when the cloud keeps no such record. */
  wipeReceipt(name: string, options?: CallOptions): Promise<WipeReceipt>;

  /** Creates the instance, or leaves an equal one alone; another size under the same name is resized. */
  ensureInstance(
    tenancy: string,
    spec: InstanceSpec,
    clientToken: string,
    options?: CallOptions,
  ): Promise<ObservedInstance>;
  /** Repeat until it throws `NotFound`. */
  removeInstance(tenancy: string, name: string, options?: CallOptions): Promise<void>;

  listTenancies(options?: PageOptions): Promise<Page<ObservedTenancy>>;
  listInstances(tenancy: string, options?: PageOptions): Promise<Page<ObservedInstance>>;
  listNetworks(tenancy: string, options?: CallOptions): Promise<readonly ProviderNetwork[]>;
  listImages(options?: CallOptions): Promise<readonly ProviderImage[]>;
  readUsage(tenancy: string, options?: CallOptions): Promise<ProviderQuantities>;
}
