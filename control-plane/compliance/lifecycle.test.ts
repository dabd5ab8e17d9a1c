import { describe, expect, it } from "vitest";
import { afterAssessment, FINDING_STATUSES, isPending, stepTo } from "./lifecycle.ts";

describe("the life of a finding", () => {
  it("ends when the control is kept, from wherever it is", () => {
    for (const status of FINDING_STATUSES) expect(afterAssessment(status, "kept")).toBe("resolved");
  });

  it("stands still under an exemption, and begins again when that has ended", () => {
    for (const status of FINDING_STATUSES) expect(afterAssessment(status, "exempted")).toBe("exempted");
    expect(afterAssessment("exempted", "deficient")).toBe("reopened");
    expect(afterAssessment("resolved", "deficient")).toBe("reopened");
  });

  it("keeps what people have said while nothing changes", () => {
    for (const status of ["open", "acknowledged", "in_remediation", "reopened"] as const) {
      expect(afterAssessment(status, "deficient")).toBe(status);
    }
  });

  it("goes forward only, by people", () => {
    expect(stepTo("reopened", "acknowledged")).toBe("acknowledged");
    expect(() => stepTo("in_remediation", "acknowledged")).toThrow("compliance.finding_transition");
    expect(() => stepTo("exempted", "resolved")).toThrow("compliance.finding_transition");
    expect(FINDING_STATUSES.filter(isPending)).toEqual([
      "open",
      "acknowledged",
      "in_remediation",
      "reopened",
    ]);
  });
});
