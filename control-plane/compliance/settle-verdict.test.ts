import { describe, expect, it } from "vitest";
import type { Violation } from "../policy/evaluate.ts";
import type { AppliedExemption } from "../policy/exemption.ts";
import { ruleOf } from "./assessment.fixture.ts";
import { controlOf } from "./control.ts";
import type { Resource } from "./resource.ts";
import { settleVerdict } from "./settle-verdict.ts";
import { type EvidenceRef, Standing } from "./standing.ts";
import { outcomeOf } from "./verdict.ts";

const resource: Resource = {
  key: "cloud:guangzhou",
  kind: "cloud",
  name: "广州政务云",
  unit: "cloud:guangzhou",
  tenancyId: null,
  organizationId: null,
  organizationPath: null,
  cloudId: "guangzhou",
  systemId: null,
  systemName: null,
};
const evidence: EvidenceRef = {
  id: "evd_1",
  controlId: "guarded",
  coverage: { kind: "cloud", id: "guangzhou" },
  fileName: "机房巡检.pdf",
  sha256: "0".repeat(64),
  bytes: 1,
  uploadedBy: "operator",
  uploadedAt: "2026-11-01T00:00:00.000Z",
  validFrom: "2026-11-01",
  validUntil: "2026-11-20",
};
const rule = (assessment: "automatic" | "partial" | "attested") =>
  ruleOf({ id: "guarded", subject: "cloud", assessment, validations: ["true", "true"] });
const violation = (exemption: AppliedExemption | null = null) =>
  ({
    validationId: "v1",
    message: { zh: "", en: "" },
    actual: 1,
    required: 2,
    error: null,
    exemption,
  }) as unknown as Violation;
const settled = (
  assessment: "automatic" | "partial" | "attested",
  day: string,
  violations: Violation[] | null = [],
) => {
  const policy = rule(assessment);
  return settleVerdict(
    controlOf(policy),
    outcomeOf(policy, violations, true),
    resource,
    new Standing(day, [evidence]),
  );
};

describe("evidence", () => {
  it("is what an attested control is kept by, to the end of its last day", () => {
    expect(settled("attested", "2026-10-31").verdict).toBe("insufficient_evidence");
    expect(settled("attested", "2026-11-20")).toMatchObject({ verdict: "pass", evidence: { id: "evd_1" } });
    expect(settled("attested", "2026-11-21")).toMatchObject({
      verdict: "insufficient_evidence",
      evidence: null,
    });
  });

  it("completes a control of which configuration shows a part, and is not asked for elsewhere", () => {
    expect(settled("partial", "2026-11-20").verdict).toBe("pass");
    expect(settled("partial", "2026-11-21").verdict).toBe("partial");
    expect(settled("automatic", "2026-11-21")).toMatchObject({ verdict: "pass", evidence: null });
  });

  it("counts where it was given for and nowhere else", () => {
    const policy = rule("attested");
    const elsewhere = { ...resource, cloudId: "shenzhen" };
    const standing = new Standing("2026-11-10", [evidence]);
    const outcome = outcomeOf(policy, [], true);
    expect(settleVerdict(controlOf(policy), outcome, elsewhere, standing).verdict).toBe(
      "insufficient_evidence",
    );
  });

  it("does not make good what configuration contradicts", () => {
    expect(settled("attested", "2026-11-20", [violation(), violation()]).verdict).toBe("fail");
  });
});

describe("verdicts", () => {
  it("are partial where some sides hold, and fail where one cannot be computed", () => {
    expect(settled("automatic", "2026-11-20", [violation()]).verdict).toBe("partial");
    const broken = { ...violation(), error: "division by zero" };
    expect(settled("automatic", "2026-11-20", [broken]).verdict).toBe("fail");
    expect(settled("automatic", "2026-11-20", null).verdict).toBe("not_applicable");
  });

  it("stay what they are under an exemption, which counts to the end of its last day", () => {
    const exemption = { id: "exm_1", category: "Waiver" as const, expiresOn: "2026-11-20" };
    const both = [violation(exemption), violation({ ...exemption, expiresOn: "2026-12-31" })];
    expect(settled("automatic", "2026-11-20", both)).toMatchObject({ verdict: "fail", exemption });
    expect(settled("automatic", "2026-11-21", both)).toMatchObject({ verdict: "fail", exemption: null });
    expect(settled("automatic", "2026-11-20", [violation(exemption), violation()]).exemption).toBeNull();
  });
});
