import { afterEach, describe, expect, test } from "vitest";
import { decorate } from "../../providers/decorate.ts";
import type { ProviderFaultKind } from "../../providers/faults.ts";
import {
  allTenancies,
  type Bench,
  type CloudFault,
  expectFault,
  type FaultScript,
  faultOf,
  tokenOf,
  untilGone,
} from "./target.ts";

const KINDS: readonly (readonly [CloudFault, ProviderFaultKind])[] = [
  [{ kind: "status", status: 400 }, "Invalid"],
  [{ kind: "status", status: 401 }, "Denied"],
  [{ kind: "status", status: 403 }, "Denied"],
  [{ kind: "status", status: 404 }, "NotFound"],
  [{ kind: "status", status: 409 }, "Conflict"],
  [{ kind: "status", status: 422 }, "Invalid"],
  [{ kind: "status", status: 429 }, "Throttled"],
  [{ kind: "status", status: 500 }, "Unavailable"],
  [{ kind: "status", status: 502 }, "Unavailable"],
  [{ kind: "status", status: 503 }, "Unavailable"],
  [{ kind: "reset" }, "Unavailable"],
];

export function faultCases(bench: Bench, script: () => FaultScript): void {
  const { ensured, patienceMs } = bench;

  describe("faults", () => {
    afterEach(() => script().clear());

    test.each(KINDS)("%j is %s", async (fault, kind) => {
      // More than one, because an adapter may try again by itself: with a new token, or a new connection.
      await script().inject(fault, "any", 10);
      await expectFault(bench.provider().listImages(), kind);
      await script().clear();
      await bench.provider().listImages();
    });

    test.skipIf(!bench.supports.instances)("a full cloud is Capacity and leaves nothing behind", async () => {
      const spec = bench.tenancy();
      await ensured(spec);
      const instance = bench.instance(spec);
      await script().inject({ kind: "full" }, "create-instance", 1);
      await expectFault(bench.provider().ensureInstance(spec.name, instance, "t"), "Capacity");
      expect((await bench.provider().listInstances(spec.name)).items).toEqual([]);
    });

    test("a throttled call says how long to wait", async () => {
      await script().inject({ kind: "status", status: 429, retryAfterSeconds: 7 }, "any", 10);
      const fault = await faultOf(bench.provider().probe());
      expect(fault.retryAfterMs).toBe(7_000);
    });

    test("a fault carries the cloud's code and request id for the log", async () => {
      await script().inject({ kind: "status", status: 503 }, "any", 10);
      const fault = await faultOf(bench.provider().probe());
      expect(fault.vendorCode).toBeTruthy();
      expect(fault.vendorRequestId).toBeTruthy();
    });

    test("a tenancy whose creation was not acknowledged is found by the repeat", async () => {
      const spec = bench.tenancy();
      await script().inject({ kind: "lost-reply" }, "create-tenancy", 1);
      await expectFault(ensured(spec), "Unavailable");
      const { ref } = await bench.provider().getTenancy(spec.name);
      expect((await ensured(spec)).ref).toBe(ref);
    });

    test.skipIf(!bench.supports.instances)("so is an instance, even by another worker", async () => {
      const spec = bench.tenancy();
      await ensured(spec);
      const instance = bench.instance(spec);
      const ensure = (token: string) => bench.provider().ensureInstance(spec.name, instance, token);
      await script().inject({ kind: "lost-reply" }, "create-instance", 1);
      await expectFault(ensure(tokenOf(instance)), "Unavailable");
      await ensure(`${tokenOf(instance)}-of-another-worker`);
      expect((await bench.provider().listInstances(spec.name)).items).toHaveLength(1);
    });

    test("a removal that was not acknowledged is finished by the repeat", async () => {
      const spec = bench.tenancy();
      await ensured(spec);
      await script().inject({ kind: "lost-reply" }, "remove-tenancy", 1);
      const remove = () => bench.provider().removeTenancy(spec.name);
      await expectFault(remove(), "Unavailable");
      await untilGone(patienceMs, remove);
    });

    test("a list that lags does not mislead a single look", async () => {
      const spec = bench.tenancy();
      await ensured(spec);
      await script().inject({ kind: "lag", ms: 60_000 }, "list-tenancies", 1);
      const page = await bench.provider().listTenancies({ limit: 500 });
      expect(page.items.map((tenancy) => tenancy.name)).not.toContain(spec.name);
      expect((await bench.provider().getTenancy(spec.name)).name).toBe(spec.name);
    });

    test("half a list is Unavailable, because the other half would look deleted", async () => {
      await ensured(bench.tenancy());
      await script().inject({ kind: "partial-list" }, "list-tenancies", 1);
      await expectFault(allTenancies(bench.provider()), "Unavailable");
    });

    test("a caller leaves a hanging cloud when its signal is aborted", async () => {
      await script().inject({ kind: "hang" }, "any", 10);
      const startedAt = performance.now();
      await expectFault(bench.provider().probe({ signal: AbortSignal.timeout(30) }), "Unavailable");
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    });

    test("a slow cloud is waited for; decorated, it is Unavailable after the time-out", async () => {
      await script().inject({ kind: "latency", ms: 150 }, "any", 20);
      await bench.provider().probe();
      const hasty = decorate(bench.provider(), { cloudId: "slow", limits: { timeoutMs: 20, retries: 0 } });
      await expectFault(hasty.probe(), "Unavailable");
    });

    test("decorated, a short failure is not noticed", async () => {
      const patient = decorate(bench.provider(), { cloudId: "shaky", limits: { backoffMs: 1, retries: 3 } });
      const spec = bench.tenancy();
      await script().inject({ kind: "reset" }, "any", 1);
      await script().inject({ kind: "lost-reply" }, "create-tenancy", 1);
      await script().inject({ kind: "status", status: 503 }, "any", 1);
      const made = await patient.ensureTenancy(spec, tokenOf(spec));
      expect(made.name).toBe(spec.name);
    });
  });
}
