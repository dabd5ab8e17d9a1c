import { afterAll, beforeAll, describe } from "vitest";
import { accessCases } from "./access-cases.ts";
import { faultCases } from "./fault-cases.ts";
import { instanceCases } from "./instance-cases.ts";
import { listCases } from "./list-cases.ts";
import { tamperingCases } from "./tampering-cases.ts";
import { benchOf, type ConformanceOptions, type ConformanceTarget } from "./target.ts";
import { tenancyCases } from "./tenancy-cases.ts";

/** What every kind of cloud has to pass, against an emulator and against the real service alike. */
export function providerConformance<Target extends ConformanceTarget>(
  options: ConformanceOptions<Target>,
): void {
  describe(`provider conformance: ${options.name}`, () => {
    let made: Target | undefined;
    const target = (): Target => {
      if (made === undefined) throw new Error("the target has not been made yet");
      return made;
    };
    beforeAll(async () => {
      made = await options.make();
    });
    afterAll(async () => {
      await made?.close();
    });

    const bench = benchOf(target, options.supports, options.patienceMs ?? 5_000);
    accessCases(bench);
    tenancyCases(bench);
    instanceCases(bench);
    const { tampering, faults } = options;
    if (tampering !== undefined) {
      tamperingCases(bench, () => tampering(target()));
      listCases(bench, () => tampering(target()));
    }
    if (faults !== undefined) faultCases(bench, () => faults(target()));
  });
}
