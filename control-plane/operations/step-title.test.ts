import { expect, test } from "vitest";
import type { DesiredPlacement } from "../provisioning/desired.ts";
import { stepsOf } from "../provisioning/plan-operation.ts";
import { stepTitle } from "./step-title.ts";

const absent: DesiredPlacement = { state: "absent", name: "plc-1" };

test.each(["primary", "edge", "recovery"])("every step of the %s part has words of its own", (role) => {
  const [removal] = stepsOf([{ role, desired: absent, observed: null, converged: false }]);
  const names = [removal?.name ?? "", `${role}:tenancy`, `${role}:instances:web-front`];
  const titles = names.map(stepTitle);
  for (const { zh, en } of titles) {
    expect(zh).toMatch(/^\p{Script=Han}/u);
    expect(en).not.toContain(":");
  }
  expect(new Set(titles.map(({ en }) => en)).size).toBe(3);
  expect(titles[2]?.zh).toContain("web-front");
});

test("a renewal has words too, and an unknown step keeps its name", () => {
  expect(stepTitle("renew").zh).toBe("延长期限");
  expect(stepTitle("other:thing")).toEqual({ zh: "other:thing", en: "other:thing" });
});
