import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleWhen,
  type IRetryBackoffContext,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
} from "cockatiel";
import { isTransient, ProviderFault } from "./faults.ts";

export interface CallLimits {
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** Repeats after the first attempt. */
  readonly retries: number;
  readonly backoffMs: number;
  readonly backoffMsMax: number;
  /** A cloud that asks for a longer pause is left to the caller's own schedule. */
  readonly retryAfterMsMax: number;
  /** Attempts in a row without an answer that open the circuit. */
  readonly breakAfter: number;
  readonly breakMs: number;
  readonly concurrent: number;
  readonly queued: number;
}

export const DEFAULT_LIMITS: CallLimits = {
  timeoutMs: 15_000,
  retries: 3,
  backoffMs: 200,
  backoffMsMax: 5_000,
  retryAfterMsMax: 10_000,
  breakAfter: 5,
  breakMs: 30_000,
  concurrent: 8,
  queued: 1_000,
};

export type Circuit = "closed" | "half-open" | "open";

/** Runs an attempt, again and again where that helps; `signal` is the caller's own. */
export type Guard = <Value>(
  signal: AbortSignal | undefined,
  attempt: (signal: AbortSignal) => Promise<Value>,
) => Promise<Value>;

/** Made on this side, so it says nothing about the cloud and repeating it at once is pointless. */
class LocalRefusal extends ProviderFault {}

/**
 * Time-out, repetition with jitter, circuit breaker and concurrency limit for one cloud.
 * `random` gives 0 up to 1.
 */
export function guard(
  limits: CallLimits,
  random: () => number,
  onCircuit: (circuit: Circuit) => void,
): Guard {
  const repeat = retry(
    handleWhen((error) => isWorthRepeating(error, limits)),
    {
      maxAttempts: limits.retries,
      backoff: new DelegateBackoff((context: IRetryBackoffContext<unknown>) =>
        Math.max(jittered(context.attempt, limits, random), pauseWanted(context)),
      ),
    },
  );
  const slots = bulkhead(limits.concurrent, limits.queued);
  const breaker = circuitBreaker(
    handleWhen((error) => error instanceof ProviderFault && !(error instanceof LocalRefusal)),
    { halfOpenAfter: limits.breakMs, breaker: new ConsecutiveBreaker(limits.breakAfter) },
  );
  breaker.onStateChange((state) => onCircuit(circuitOf(state)));
  const limit = timeout(limits.timeoutMs, TimeoutStrategy.Aggressive);

  return (signal, attempt) => {
    /** Inside the breaker only `Unavailable` may be thrown: any other fault is an answer of a living cloud. */
    const answer = async () => {
      try {
        return { value: await limit.execute((context) => attempt(context.signal), signal) };
      } catch (error) {
        if (signal?.aborted === true) throw givenUp(error);
        if (error instanceof TaskCancelledError) throw timedOut(limits.timeoutMs, error);
        if (error instanceof ProviderFault && error.kind !== "Unavailable") return { fault: error };
        throw error;
      }
    };
    const once = async () => {
      try {
        const outcome = await slots.execute(() => {
          if (signal?.aborted === true) throw givenUp(signal.reason);
          return breaker.execute(answer);
        });
        if ("fault" in outcome) throw outcome.fault;
        return outcome.value;
      } catch (error) {
        if (error instanceof BrokenCircuitError) throw circuitOpen(breaker.lastFailure);
        if (error instanceof BulkheadRejectedError) throw queueFull(error);
        throw error;
      }
    };
    return orGivenUp(signal, repeat.execute(once));
  };
}

function isWorthRepeating(error: unknown, limits: CallLimits): boolean {
  if (error instanceof LocalRefusal || !(error instanceof ProviderFault)) return false;
  return isTransient(error) && (error.retryAfterMs ?? 0) <= limits.retryAfterMsMax;
}

/** Doubles each time; half of it is left to chance, so that many workers do not return together. */
function jittered(attempt: number, limits: CallLimits, random: () => number): number {
  const full = Math.min(limits.backoffMsMax, limits.backoffMs * 2 ** (attempt - 1));
  return Math.ceil(full / 2 + (random() * full) / 2);
}

function pauseWanted({ result }: IRetryBackoffContext<unknown>): number {
  return "error" in result && result.error instanceof ProviderFault ? (result.error.retryAfterMs ?? 0) : 0;
}

/** Neither a queue nor a pause between attempts keeps a caller who has given up. */
async function orGivenUp<Value>(signal: AbortSignal | undefined, work: Promise<Value>): Promise<Value> {
  if (signal === undefined) return work;
  let onAbort: () => void = () => undefined;
  const abort = new Promise<never>((_, reject) => {
    onAbort = () => reject(givenUp(signal.reason));
  });
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, abort]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function circuitOf(state: CircuitState): Circuit {
  if (state === CircuitState.Closed) return "closed";
  return state === CircuitState.HalfOpen ? "half-open" : "open";
}

function givenUp(cause: unknown): ProviderFault {
  return new LocalRefusal("Unavailable", "the call was given up", { cause, vendorCode: "aborted" });
}

function timedOut(timeoutMs: number, cause: unknown): ProviderFault {
  const message = `the cloud did not answer within ${timeoutMs} ms`;
  return new ProviderFault("Unavailable", message, { cause, vendorCode: "timeout" });
}

function circuitOpen(cause: unknown): ProviderFault {
  const message = "the cloud has failed repeatedly and is left alone for a while";
  return new LocalRefusal("Unavailable", message, { cause, vendorCode: "circuit_open" });
}

function queueFull(cause: unknown): ProviderFault {
  const message = "too many calls are waiting for the cloud";
  return new LocalRefusal("Unavailable", message, { cause, vendorCode: "queue_full" });
}
