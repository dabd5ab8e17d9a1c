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
  readonly displayName: string;
  /** Empty where the cloud does not say, as with what was made by hand. */
  readonly pool: string;
  readonly zone: TenancySpec["zone"] | null;
  /** As it was last set, in every class: those that the cloud cannot enforce it still remembers. */
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
  /**
   * Acceptance is not success: only `active` is running. `pending` waits for the next `ensureInstance`,
   * as a resize does that has to be confirmed.
   */
  readonly state: "creating" | "pending" | "active" | "stopped" | "removing" | "error";
  readonly vcpu: number;
  readonly memoryGiB: number;
  readonly diskGiB: number;
  readonly image: string;
  readonly message: string | null;
}

/** What can be given out is `(total - reserved) * allocationRatio`. */
export interface PoolCapacity {
  readonly pool: string;
  readonly total: ProviderQuantities;
  /** Kept by the cloud for itself; an absent class is 0. */
  readonly reserved: ProviderQuantities;
  /** Overcommitment; an absent class is 1. */
  readonly allocationRatio: Readonly<Record<string, number>>;
  readonly used: ProviderQuantities;
  /** Instruction sets or CPU families of its hosts, in the cloud's words. */
  readonly architectures: readonly string[];
  /** What all its hosts have in common, in the cloud's words. */
  readonly traits: readonly string[];
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

/** How the department signs in at the cloud: holds secrets, is handed on once and kept nowhere. */
export interface TenancyAccess {
  /** In the words of the cloud's own tools, as `OS_AUTH_URL` or `KUBE_TOKEN`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly expiresAt: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Opaque; null on the last page. */
  readonly next: string | null;
}

/**
 * What a cloud can do; the planner and the console respect it. A method that a flag rules out throws
 * `Invalid` with the vendor code `unsupported`.
 */
export interface Supports {
  /** Resource classes whose quota the cloud itself enforces; for the others there is only the ledger. */
  readonly enforcedQuota: readonly string[];
  readonly suspend: boolean;
  readonly discoverCapacity: boolean;
  readonly instances: boolean;
  /** An instance changes its size and stays the same object; otherwise another size is `Invalid`. */
  readonly resize: boolean;
  readonly wipeReceipt: boolean;
  readonly issueAccess: boolean;
}

export interface ProbeResult {
  readonly version: string;
  /** What this very cloud can do: never more than its kind. */
  readonly supports: Supports;
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
  /** The most that a cloud of this kind can do; `probe` says what this one can. */
  readonly supports: Supports;

  /** Reaches the cloud with the configured credentials. */
  probe(options?: CallOptions): Promise<ProbeResult>;
  discoverCapacity(options?: CallOptions): Promise<readonly PoolCapacity[]>;

  /**
   * Creates the tenancy, or brings an existing one of the same name and ownership to the spec.
   * `clientToken` is stable over repeats. A name held by a foreign owner is `Conflict`.
   */
  ensureTenancy(spec: TenancySpec, clientToken: string, options?: CallOptions): Promise<ObservedTenancy>;
  /**
   * Puts the ownership mark on a tenancy that bears none, and on the instances inside that bear none;
   * nothing else about them changes. Marked for somebody else is `Conflict`.
   */
  adoptTenancy(name: string, ownership: Ownership, options?: CallOptions): Promise<ObservedTenancy>;
  /** `NotFound` when there is none of that name. */
  getTenancy(name: string, options?: CallOptions): Promise<ObservedTenancy>;
  /** Starts or continues removal with everything inside; repeat until it throws `NotFound`. */
  removeTenancy(name: string, options?: CallOptions): Promise<void>;
  /** Available after `removeTenancy` threw `NotFound`; `NotFound` when the cloud keeps no such record. */
  wipeReceipt(name: string, options?: CallOptions): Promise<WipeReceipt>;

  /**
   * Credentials for this tenancy alone, which end by themselves after `lifetimeSeconds`. Repeated with the
   * same token it replaces what it issued before: a lost reply leaves no second key behind.
   */
  issueAccess(
    tenancy: string,
    lifetimeSeconds: number,
    clientToken: string,
    options?: CallOptions,
  ): Promise<TenancyAccess>;

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
