import { describe, expect, test } from "vitest";
import { startForwardProxy } from "../support/forward-proxy.ts";
import { PRIVATE_CA, startTlsFront } from "../support/tls-front.ts";
import type { Ways } from "./target.ts";
import { type Bench, expectFault, untilGone } from "./target.ts";

export function wayCases(bench: Bench, ways: () => Ways): void {
  describe("ways to the cloud", () => {
    test("TLS with a private authority works where that is configured, and only there", async () => {
      const front = await startTlsFront(ways().url);
      try {
        const url = new URL(new URL(ways().url).pathname, front.url).href;
        const trusting = ways().connect({ url, ca: PRIVATE_CA });
        const spec = bench.tenancy();
        const made = await trusting.ensureTenancy(spec, "t");
        expect((await bench.provider().getTenancy(spec.name)).ref).toBe(made.ref);
        expect(front.calls()).toBeGreaterThan(0);
        await untilGone(bench.patienceMs, () => trusting.removeTenancy(spec.name));
        const before = front.calls();
        await expectFault(ways().connect({ url }).probe(), "Unavailable");
        expect(front.calls()).toBe(before);
      } finally {
        await front.close();
      }
    });

    test("a proxy is used where one is configured", async () => {
      const proxy = await startForwardProxy();
      try {
        const spec = bench.tenancy();
        const behind = ways().connect({ url: ways().url, proxy: proxy.url });
        const made = await behind.ensureTenancy(spec, "t");
        expect((await bench.provider().getTenancy(spec.name)).ref).toBe(made.ref);
        expect(proxy.passed()).toBeGreaterThan(0);
        await untilGone(bench.patienceMs, () => behind.removeTenancy(spec.name));
      } finally {
        await proxy.close();
      }
      await expectFault(ways().connect({ url: ways().url, proxy: proxy.url }).probe(), "Unavailable");
    });
  });
}
