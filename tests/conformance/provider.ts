import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import { accessCases } from "./access-cases.ts";
import { faultCases } from "./fault-cases.ts";
import { importCases } from "./import-cases.ts";
import { instanceCases } from "./instance-cases.ts";
import { listCases } from "./list-cases.ts";
import { tamperingCases } from "./tampering-cases.ts";
import { benchOf, type ConformanceOptions, type ConformanceTarget } from "./target.ts";
import { tenancyCases } from "./tenancy-cases.ts";
import { tokenCases } from "./token-cases.ts";
import { wayCases } from "./way-cases.ts";

/** What every kind of cloud has to pass, against an emulator and against the real service alike. */
export function providerConformance<Target extends ConformanceTarget>(
  options: ConformanceOptions<Target>,
): void {
  const { timeoutMs = 30_000, bulk = { objects: 1_000, timeoutMs: 60_000 } } = options;
  describe(`provider conformance: ${options.name}`, { timeout: timeoutMs }, () => {
    let made: Target | undefined;
    const target = (): Target => {
      if (made === undefined) throw new Error("the target has not been made yet");
      return made;
    };
    beforeAll(async () => {
      made = await options.make();
    }, timeoutMs);
    afterAll(async () => {
      await made?.close();
    }, bulk.timeoutMs);

    const bench = benchOf(target, options.supports, options.patienceMs ?? 5_000);
    beforeEach(({ task, skip }) => {
      const count = options.leaveOut?.[task.name];
      if (count === undefined) return;
      bench.passOver(count);
      skip("a race, which a recorded run cannot run again");
    });
    accessCases(bench);
    tenancyCases(bench);
    instanceCases(bench);
    const { tampering, faults, ways, expireTokens } = options;
    if (tampering !== undefined) {
      tamperingCases(bench, () => tampering(target()));
      importCases(bench, () => tampering(target()));
      listCases(bench, () => tampering(target()), bulk);
    }
    if (ways !== undefined) wayCases(bench, () => ways(target()));
    if (expireTokens !== undefined) tokenCases(bench, () => expireTokens(target()));
    if (faults !== undefined) faultCases(bench, () => faults(target()));
  });
}
