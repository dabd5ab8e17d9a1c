import { ProviderFault, type ProviderFaultKind } from "./faults.ts";
import { type CallLimits, type Circuit, DEFAULT_LIMITS, guard } from "./guard.ts";
import type { CallOptions, CloudProvider } from "./port.ts";

/** `defect`: something other than a `ProviderFault` came out of the adapter. */
export type CallOutcome = "ok" | "defect" | ProviderFaultKind;

export interface CallEvent {
  readonly cloudId: string;
  readonly method: string;
  readonly outcome: CallOutcome;
  /** Until the caller's answer, with pauses and waiting for a slot. */
  readonly durationMs: number;
  /** 0 when the call did not get as far as the cloud. */
  readonly attempts: number;
  readonly requestId: string | null;
  /** For the log only: holds the cloud's own code, request id and cause. Null on success. */
  readonly fault: unknown;
}

export interface DecorateOptions {
  readonly cloudId: string;
  /** What is left out comes from `DEFAULT_LIMITS`. */
  readonly limits?: Partial<CallLimits>;
  /** From 0 up to 1; spreads the repeats of many workers. */
  readonly random?: () => number;
  /** Milliseconds that never run backwards. */
  readonly elapsed?: () => number;
  readonly onCall?: (event: CallEvent) => void;
  readonly onCircuit?: (event: { readonly cloudId: string; readonly circuit: Circuit }) => void;
}

/**
 * Puts time-out, repetition, circuit breaker and concurrency limit around a cloud. The state belongs to
 * the returned object: keep one per cloud. An open circuit, a full queue and a time-out are `Unavailable`.
 */
export function decorate(provider: CloudProvider, options: DecorateOptions): CloudProvider {
  const call = reported(options);
  return {
    kind: provider.kind,
    supports: provider.supports,
    probe: (given) => call("probe", given, (signal) => provider.probe({ ...given, signal })),
    discoverCapacity: (given) =>
      call("discoverCapacity", given, (signal) => provider.discoverCapacity({ ...given, signal })),
    ensureTenancy: (spec, clientToken, given) =>
      call("ensureTenancy", given, (signal) =>
        provider.ensureTenancy(spec, clientToken, { ...given, signal }),
      ),
    adoptTenancy: (name, ownership, given) =>
      call("adoptTenancy", given, (signal) => provider.adoptTenancy(name, ownership, { ...given, signal })),
    getTenancy: (name, given) =>
      call("getTenancy", given, (signal) => provider.getTenancy(name, { ...given, signal })),
    removeTenancy: (name, given) =>
      call("removeTenancy", given, (signal) => provider.removeTenancy(name, { ...given, signal })),
    wipeReceipt: (name, given) =>
      call("wipeReceipt", given, (signal) => provider.wipeReceipt(name, { ...given, signal })),
    issueAccess: (tenancy, lifetimeSeconds, clientToken, given) =>
      call("issueAccess", given, (signal) =>
        provider.issueAccess(tenancy, lifetimeSeconds, clientToken, { ...given, signal }),
      ),
    ensureInstance: (tenancy, spec, clientToken, given) =>
      call("ensureInstance", given, (signal) =>
        provider.ensureInstance(tenancy, spec, clientToken, { ...given, signal }),
      ),
    removeInstance: (tenancy, name, given) =>
      call("removeInstance", given, (signal) => provider.removeInstance(tenancy, name, { ...given, signal })),
    listTenancies: (given) =>
      call("listTenancies", given, (signal) => provider.listTenancies({ ...given, signal })),
    listInstances: (tenancy, given) =>
      call("listInstances", given, (signal) => provider.listInstances(tenancy, { ...given, signal })),
    listNetworks: (tenancy, given) =>
      call("listNetworks", given, (signal) => provider.listNetworks(tenancy, { ...given, signal })),
    listImages: (given) => call("listImages", given, (signal) => provider.listImages({ ...given, signal })),
    readUsage: (tenancy, given) =>
      call("readUsage", given, (signal) => provider.readUsage(tenancy, { ...given, signal })),
  };
}

function reported(options: DecorateOptions) {
  const { cloudId, random = Math.random, elapsed = () => performance.now(), onCall, onCircuit } = options;
  const guarded = guard({ ...DEFAULT_LIMITS, ...options.limits }, random, (circuit) =>
    onCircuit?.({ cloudId, circuit }),
  );
  return async <Value>(
    method: string,
    given: CallOptions | undefined,
    run: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> => {
    const startedAt = elapsed();
    let attempts = 0;
    const report = (outcome: CallOutcome, fault: unknown) => {
      const requestId = given?.requestId ?? null;
      onCall?.({ cloudId, method, outcome, durationMs: elapsed() - startedAt, attempts, requestId, fault });
    };
    let value: Value;
    try {
      value = await guarded(given?.signal, (signal) => {
        attempts += 1;
        return run(signal);
      });
    } catch (error) {
      report(error instanceof ProviderFault ? error.kind : "defect", error);
      throw error;
    }
    report("ok", null);
    return value;
  };
}
