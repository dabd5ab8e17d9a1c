import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type CallEvent, type DecorateOptions, decorate } from "./decorate.ts";
import { ProviderFault } from "./faults.ts";
import type { CallOptions, CloudProvider, ProbeResult, Supports } from "./port.ts";

type Probe = (options?: CallOptions) => Promise<ProbeResult>;

const SUPPORTS: Supports = {
  enforcedQuota: ["VCPU"],
  suspend: true,
  discoverCapacity: true,
  instances: true,
  resize: true,
  wipeReceipt: true,
  issueAccess: true,
};
const VERSION: ProbeResult = { version: "1", supports: SUPPORTS };

/** A cloud of which only `probe` is called; anything else is a mistake of the test. */
function cloud(probe: Probe): CloudProvider {
  const unexpected = () => Promise.reject(new Error("not part of this test"));
  return {
    kind: "fake",
    supports: SUPPORTS,
    probe,
    discoverCapacity: unexpected,
    ensureTenancy: unexpected,
    adoptTenancy: unexpected,
    getTenancy: unexpected,
    removeTenancy: unexpected,
    wipeReceipt: unexpected,
    issueAccess: unexpected,
    ensureInstance: unexpected,
    removeInstance: unexpected,
    listTenancies: unexpected,
    listInstances: unexpected,
    listNetworks: unexpected,
    listImages: unexpected,
    readUsage: unexpected,
  };
}

function decorated(probe: Probe, options: Partial<DecorateOptions> = {}) {
  const events: CallEvent[] = [];
  const circuits: string[] = [];
  const provider = decorate(cloud(probe), {
    cloudId: "gd-01",
    random: () => 0,
    elapsed: () => Date.now(),
    onCall: (event) => events.push(event),
    onCircuit: ({ circuit }) => circuits.push(circuit),
    ...options,
  });
  return { provider, events, circuits };
}

function failing(...faults: (Error | null)[]): ReturnType<typeof vi.fn<Probe>> {
  const probe = vi.fn<Probe>(() => Promise.resolve(VERSION));
  for (const fault of faults) {
    probe.mockImplementationOnce(() => (fault === null ? Promise.resolve(VERSION) : Promise.reject(fault)));
  }
  return probe;
}

const hanging: Probe = () => new Promise(() => undefined);
const unavailable = () => new ProviderFault("Unavailable", "down");

/** Starts the call and hands back how it ended, once the fake time has passed. */
async function outcomeAfter(ms: number, call: Promise<unknown>): Promise<unknown> {
  const outcome = call.catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(ms);
  return outcome;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("repetition", () => {
  test("repeats what may pass by itself, and reports one call", async () => {
    const probe = failing(unavailable(), new ProviderFault("Throttled", "slow down"));
    const { provider, events } = decorated(probe);
    expect(await outcomeAfter(1_000, provider.probe({ requestId: "req-1" }))).toEqual(VERSION);
    expect(events).toEqual([
      {
        cloudId: "gd-01",
        method: "probe",
        outcome: "ok",
        durationMs: 300,
        attempts: 3,
        requestId: "req-1",
        fault: null,
      },
    ]);
  });

  test.each(["NotFound", "Capacity", "Conflict", "Denied", "Invalid"] as const)(
    "does not repeat %s",
    async (kind) => {
      const fault = new ProviderFault(kind, "no");
      const probe = failing(fault);
      const { provider, events } = decorated(probe);
      expect(await outcomeAfter(0, provider.probe())).toBe(fault);
      expect(probe).toHaveBeenCalledTimes(1);
      expect(events[0]).toMatchObject({ outcome: kind, attempts: 1, fault });
    },
  );

  test("gives up after the allowed number and hands on the last fault", async () => {
    const last = unavailable();
    const probe = failing(unavailable(), unavailable(), last);
    const { provider } = decorated(probe, { limits: { retries: 2 } });
    expect(await outcomeAfter(10_000, provider.probe())).toBe(last);
    expect(probe).toHaveBeenCalledTimes(3);
  });

  test("waits as long as the cloud asks", async () => {
    const probe = failing(new ProviderFault("Throttled", "wait", { retryAfterMs: 4_000 }));
    const { provider } = decorated(probe);
    const call = provider.probe();
    await vi.advanceTimersByTimeAsync(3_999);
    expect(probe).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await call).toEqual(VERSION);
  });

  test("leaves a long wait to the caller", async () => {
    const fault = new ProviderFault("Throttled", "wait", { retryAfterMs: 60_000 });
    const { provider } = decorated(failing(fault));
    expect(await outcomeAfter(0, provider.probe())).toBe(fault);
  });

  test("jitter spreads the repeats over half the pause", async () => {
    for (const [random, pause] of [
      [0, 100],
      [0.999, 200],
    ] as const) {
      const probe = failing(unavailable());
      const { provider } = decorated(probe, { random: () => random });
      const call = provider.probe();
      await vi.advanceTimersByTimeAsync(pause - 1);
      expect(probe).toHaveBeenCalledTimes(1);
      await vi.advanceTimersByTimeAsync(1);
      await call;
    }
  });

  test("a defect of the adapter comes through as it is, once", async () => {
    const defect = new TypeError("undefined is not a function");
    const probe = failing(defect);
    const { provider, events } = decorated(probe);
    expect(await outcomeAfter(0, provider.probe())).toBe(defect);
    expect(events[0]).toMatchObject({ outcome: "defect", attempts: 1 });
  });
});

describe("time-out", () => {
  test("leaves an adapter that ignores its signal, and tells it", async () => {
    let signal: AbortSignal | undefined;
    const { provider, events } = decorated(
      (options) => {
        signal = options?.signal;
        return hanging();
      },
      { limits: { timeoutMs: 50, retries: 0 } },
    );
    const outcome = await outcomeAfter(50, provider.probe());
    expect(outcome).toMatchObject({ kind: "Unavailable", vendorCode: "timeout" });
    expect(signal?.aborted).toBe(true);
    expect(events[0]).toMatchObject({ outcome: "Unavailable", durationMs: 50 });
  });

  test("counts for one attempt, so that the next may succeed", async () => {
    const probe = vi.fn<Probe>(() => Promise.resolve(VERSION)).mockImplementationOnce(hanging);
    const { provider } = decorated(probe, { limits: { timeoutMs: 50 } });
    expect(await outcomeAfter(1_000, provider.probe())).toEqual(VERSION);
  });
});

describe("circuit", () => {
  const limits = { retries: 0, breakAfter: 3, breakMs: 1_000 };

  test("opens after failures in a row and spares the cloud; one success closes it", async () => {
    const probe = failing(unavailable(), unavailable(), unavailable());
    const { provider, circuits, events } = decorated(probe, { limits });
    for (let call = 0; call < 3; call += 1) await outcomeAfter(0, provider.probe());
    expect(circuits).toEqual(["open"]);
    expect(await outcomeAfter(0, provider.probe())).toMatchObject({
      kind: "Unavailable",
      vendorCode: "circuit_open",
    });
    expect(probe).toHaveBeenCalledTimes(3);
    expect(events.at(-1)).toMatchObject({ outcome: "Unavailable", attempts: 0 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await outcomeAfter(0, provider.probe())).toEqual(VERSION);
    expect(circuits).toEqual(["open", "half-open", "closed"]);
  });

  test("a failing trial opens it again", async () => {
    const probe = failing(unavailable(), unavailable(), unavailable(), unavailable());
    const { provider, circuits } = decorated(probe, { limits });
    for (let call = 0; call < 3; call += 1) await outcomeAfter(0, provider.probe());
    await outcomeAfter(1_000, Promise.resolve());
    await outcomeAfter(0, provider.probe());
    expect(circuits).toEqual(["open", "half-open", "open"]);
  });

  test("an answer of any kind shows that the cloud lives", async () => {
    const alive = new ProviderFault("NotFound", "no");
    const faults = [unavailable(), unavailable(), alive, unavailable(), unavailable(), alive];
    const { provider, circuits } = decorated(failing(...faults), { limits });
    for (const _ of faults) await outcomeAfter(0, provider.probe());
    expect(circuits).toEqual([]);
  });

  test("is not opened by callers who give up, nor repeated at once when open", async () => {
    const { provider, circuits } = decorated(hanging, { limits });
    for (let call = 0; call < 5; call += 1) {
      const controller = new AbortController();
      const outcome = outcomeAfter(0, provider.probe({ signal: controller.signal }));
      controller.abort();
      expect(await outcome).toMatchObject({ kind: "Unavailable", vendorCode: "aborted" });
    }
    expect(circuits).toEqual([]);
  });

  test("belongs to one cloud: another is not disturbed", async () => {
    const broken = decorated(failing(unavailable(), unavailable(), unavailable()), { limits });
    for (let call = 0; call < 3; call += 1) await outcomeAfter(0, broken.provider.probe());
    expect(broken.circuits).toEqual(["open"]);
    expect(await outcomeAfter(0, decorated(failing()).provider.probe())).toEqual(VERSION);
  });
});

describe("concurrency", () => {
  test("lets so many through at once and makes the rest wait", async () => {
    const done: (() => void)[] = [];
    const probe = vi.fn<Probe>(() => new Promise((resolve) => done.push(() => resolve(VERSION))));
    const { provider } = decorated(probe, { limits: { concurrent: 2 } });
    const calls = [provider.probe(), provider.probe(), provider.probe()];
    await vi.advanceTimersByTimeAsync(0);
    expect(probe).toHaveBeenCalledTimes(2);
    done.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(probe).toHaveBeenCalledTimes(3);
    for (const finish of done) finish();
    expect(await Promise.all(calls)).toHaveLength(3);
  });

  test("refuses what the queue cannot hold", async () => {
    const { provider } = decorated(hanging, { limits: { concurrent: 1, queued: 1, retries: 0 } });
    const waiting = [provider.probe(), provider.probe()].map((call) => call.catch((error: unknown) => error));
    expect(await outcomeAfter(0, provider.probe())).toMatchObject({
      kind: "Unavailable",
      vendorCode: "queue_full",
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await Promise.all(waiting)).toHaveLength(2);
  });

  test("a caller in the queue, or between two attempts, can leave at once", async () => {
    const queued = decorated(hanging, { limits: { concurrent: 1, retries: 0 } });
    const first = queued.provider.probe().catch((error: unknown) => error);
    const pausing = decorated(failing(new ProviderFault("Throttled", "w", { retryAfterMs: 9_000 })));
    for (const { provider } of [queued, pausing]) {
      const controller = new AbortController();
      const outcome = outcomeAfter(1, provider.probe({ signal: controller.signal }));
      await vi.advanceTimersByTimeAsync(1);
      controller.abort();
      expect(await outcome).toMatchObject({ kind: "Unavailable", vendorCode: "aborted" });
    }
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await first).toMatchObject({ vendorCode: "timeout" });
  });
});

test("passes every other option and argument through", async () => {
  const provider = cloud(() => Promise.resolve(VERSION));
  const listTenancies = vi.fn<CloudProvider["listTenancies"]>(() =>
    Promise.resolve({ items: [], next: null }),
  );
  const wrapped = decorate({ ...provider, listTenancies }, { cloudId: "gd-01" });
  await wrapped.listTenancies({ after: "x", limit: 7, requestId: "r" });
  expect(listTenancies.mock.calls[0]?.[0]).toMatchObject({ after: "x", limit: 7, requestId: "r" });
});
