import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { isNotFound, ProviderFault, type ProviderFaultKind } from "../../providers/faults.ts";
import type {
  CloudProvider,
  InstanceSpec,
  ObservedInstance,
  ObservedTenancy,
  Ownership,
  ProviderQuantities,
  Supports,
  TenancySpec,
} from "../../providers/port.ts";

/** A cloud to be tested, and what the suite has to know about it. */
export interface ConformanceTarget {
  readonly provider: CloudProvider;
  /** Another adapter for the same cloud, as a second controller has it: the two share no memory. */
  readonly other: CloudProvider;
  /** The same cloud with credentials that are not valid. */
  readonly intruder: CloudProvider;
  /** An address at which nothing answers. */
  readonly dead: CloudProvider;
  /** What none of these may ever show. */
  readonly secrets: readonly string[];
  /** Starts the name of every object, so that runs against a shared cloud do not meet. */
  readonly prefix: string;
  /** Has room for 64 VCPU, 256 GiB of memory and 4,096 GiB of disk. */
  readonly pool: string;
  /** Has room for so many VCPU and no more, and for plenty of the rest; null where it cannot be filled. */
  readonly narrowPool: { readonly name: string; readonly vcpu: number | null };
  readonly image: string;
  readonly architecture: string;
  close(): Promise<void>;
}

export type CloudFault =
  | { readonly kind: "latency"; readonly ms: number }
  | { readonly kind: "status"; readonly status: number; readonly retryAfterSeconds?: number }
  /** No room, in the cloud's own words. */
  | { readonly kind: "full" }
  | { readonly kind: "hang" | "reset" | "lost-reply" | "partial-list" }
  /** Lists show the cloud as it was so long ago. */
  | { readonly kind: "lag"; readonly ms: number };

export type FaultyCall = "any" | "create-tenancy" | "create-instance" | "remove-tenancy" | "list-tenancies";

/** Makes a cloud misbehave; only emulators can. */
export interface FaultScript {
  inject(fault: CloudFault, call: FaultyCall, times: number): Promise<void>;
  clear(): Promise<void>;
}

/** Changes a cloud behind the control plane's back. */
export interface Tampering {
  setQuota(tenancy: string, quota: ProviderQuantities): Promise<void>;
  openNetwork(tenancy: string): Promise<void>;
  destroyTenancy(tenancy: string): Promise<void>;
  destroyInstance(tenancy: string, instance: string): Promise<void>;
  /** Without any ownership mark. */
  createForeign(tenancy: string): Promise<void>;
}

/** How to reach the same cloud by another way. */
export interface Way {
  readonly url: string;
  /** PEM of the authority to trust beside, or instead of, the usual ones. */
  readonly ca?: string;
  /** URL of a forward proxy. */
  readonly proxy?: string;
}

/** For adapters that speak TLS to a private authority and pass proxies. */
export interface Ways {
  /** Where the cloud's API is entered, without TLS; the suite puts TLS or a proxy before it. */
  readonly url: string;
  connect(way: Way): CloudProvider;
}

export interface ConformanceOptions<Target extends ConformanceTarget> {
  readonly name: string;
  readonly make: () => Promise<Target>;
  readonly supports: Supports;
  readonly faults?: (target: Target) => FaultScript;
  readonly tampering?: (target: Target) => Tampering;
  readonly ways?: (target: Target) => Ways;
  /** Makes every token invalid that the cloud has given out, as a restart or a revocation does. */
  readonly expireTokens?: (target: Target) => Promise<void>;
  /**
   * Tests that this target cannot take, by name, and how many tenancies each would have named: the numbers of the
   * others stay what they are. Only for recorded runs, in which a race cannot be run again.
   */
  readonly leaveOut?: Readonly<Record<string, number>>;
  /** How long an asynchronous step may take; 5 s unless told otherwise. */
  readonly patienceMs?: number;
  /** How long a single test may take, but for those over many objects; 30 s unless told otherwise. */
  readonly timeoutMs?: number;
  /** Objects in the test of long lists, and how long it may take; 1,000 in 60 s unless told otherwise. */
  readonly bulk?: { readonly objects: number; readonly timeoutMs: number };
}

export interface Bench {
  readonly target: () => ConformanceTarget;
  readonly provider: () => CloudProvider;
  readonly supports: Supports;
  readonly patienceMs: number;
  /** Passes over so many numbers of tenancies. */
  passOver(count: number): void;
  /** A fresh tenancy of its own for a test. */
  tenancy(overrides?: Partial<TenancySpec>): TenancySpec;
  instance(tenancy: TenancySpec, overrides?: Partial<InstanceSpec>): InstanceSpec;
  ensured(spec: TenancySpec): Promise<ObservedTenancy>;
  /** Acceptance is not success: repeats until it runs, or a fault says why it cannot. */
  running(tenancy: TenancySpec, spec: InstanceSpec): Promise<ObservedInstance>;
}

export const QUOTA = { VCPU: 16, MEMORY_GIB: 64, BLOCK_STORAGE_GIB: 500 };

export function benchOf(target: () => ConformanceTarget, supports: Supports, patienceMs: number): Bench {
  let made = 0;
  return {
    target,
    provider: () => target().provider,
    supports,
    patienceMs,
    passOver(count) {
      made += count;
    },
    tenancy(overrides = {}) {
      made += 1;
      const name = `${target().prefix}-${made}`;
      return {
        ownership: ownership(name),
        name,
        displayName: `Conformance ${made}`,
        pool: target().pool,
        zone: "extranet",
        quota: QUOTA,
        accessGroup: `group-${name}`,
        suspended: false,
        ...overrides,
      };
    },
    instance: (tenancy, overrides = {}) => ({
      ownership: tenancy.ownership,
      name: "app-1",
      vcpu: 2,
      memoryGiB: 4,
      diskGiB: 20,
      image: target().image,
      architecture: target().architecture,
      ...overrides,
    }),
    ensured: (spec) => target().provider.ensureTenancy(spec, tokenOf(spec)),
    running: (tenancy, spec) =>
      until(patienceMs, "active", () => target().provider.ensureInstance(tenancy.name, spec, tokenOf(spec))),
  };
}

export function ownership(name: string): Ownership {
  return {
    installation: "conformance",
    tenancyId: `ten_${name}`,
    placementId: `plc_${name}`,
    organizationId: "org-1",
  };
}

/** As the control plane does it: stable over repeats, recorded before the call. */
export function tokenOf(spec: { readonly name: string }): string {
  return `token-of-${spec.name}`;
}

/** Looks within the patience: often at an emulator, with more pause at a real cloud. */
const POLLS = 500;

/** Repeats until the observation has the wanted state. */
export async function until<Value extends { readonly state: string }>(
  patienceMs: number,
  state: Value["state"],
  observe: () => Promise<Value>,
): Promise<Value> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const seen = await observe();
    if (seen.state === state) return seen;
    if (performance.now() > deadline) throw new Error(`still ${seen.state} instead of ${state}`);
    await sleep(patienceMs / POLLS);
  }
}

/** Repeats a removal until the cloud says that there is nothing left. */
export async function untilGone(patienceMs: number, remove: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      await remove();
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    if (performance.now() > deadline) throw new Error("still there");
    await sleep(patienceMs / POLLS);
  }
}

export async function faultOf(call: Promise<unknown>): Promise<ProviderFault> {
  const error = await call.then(
    () => new Error("the call succeeded"),
    (reason: unknown) => reason,
  );
  if (error instanceof ProviderFault) return error;
  throw new Error("expected a ProviderFault", { cause: error });
}

export async function expectFault(call: Promise<unknown>, kind: ProviderFaultKind): Promise<void> {
  expect((await faultOf(call)).kind).toBe(kind);
}

export async function allTenancies(provider: CloudProvider, limit?: number): Promise<ObservedTenancy[]> {
  const all: ObservedTenancy[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await provider.listTenancies({
      ...(limit === undefined ? {} : { limit }),
      ...(after === undefined ? {} : { after }),
    });
    all.push(...page.items);
    if (page.next === null) return all;
    after = page.next;
  }
}
