import { describe, expect, it } from "vitest";
import {
  LIFE_STATUSES,
  LIVE,
  type LifeStatus,
  mayBecome,
  TRANSITIONS,
  transition,
  UNDECIDED,
} from "./lifecycle.ts";

function reachableFrom(start: LifeStatus): Set<LifeStatus> {
  const seen = new Set<LifeStatus>([start]);
  for (const status of seen) for (const next of TRANSITIONS[status]) seen.add(next);
  return seen;
}

describe("the table of transitions", () => {
  it("names no status that is not in it", () => {
    const targets = Object.values(TRANSITIONS).flat();
    expect(targets.filter((status) => !LIFE_STATUSES.includes(status))).toEqual([]);
  });

  it("ends where a request or a tenancy is over, and nowhere else", () => {
    const terminal = LIFE_STATUSES.filter((status) => TRANSITIONS[status].length === 0);
    expect(terminal.toSorted()).toEqual(["closed", "expired", "rejected", "withdrawn"]);
  });

  it("reaches every status from the submission", () => {
    expect(reachableFrom("submitted")).toEqual(new Set(LIFE_STATUSES));
  });

  it.each(LIFE_STATUSES)("leads from %s to an end", (status) => {
    const ends = [...reachableFrom(status)].filter((one) => TRANSITIONS[one].length === 0);
    expect(ends).not.toEqual([]);
  });

  it("closes nothing that ran without export and wipe", () => {
    expect(LIFE_STATUSES.filter((status) => mayBecome(status, "closed"))).toEqual(["provisioning", "wiped"]);
    expect(LIFE_STATUSES.filter((status) => mayBecome(status, "wiped"))).toEqual(["exported"]);
  });

  it("lets a person stop exactly what waits for a person", () => {
    for (const end of ["rejected", "withdrawn", "expired"] as const) {
      expect(LIFE_STATUSES.filter((status) => mayBecome(status, end))).toEqual(UNDECIDED);
    }
  });

  it("counts as live what has been granted and is not closed", () => {
    const granted = [...reachableFrom("provisioning")].filter((status) => status !== "closed");
    expect(granted.toSorted()).toEqual(LIVE.toSorted());
  });
});

describe("transition", () => {
  it("walks along the table", () => {
    expect(transition("accepted", "reviewed")).toBe("reviewed");
  });

  it("says what would be possible instead", () => {
    expect(() => transition("accepted", "approved")).toThrow(
      expect.objectContaining({
        code: "request.invalid_transition",
        details: {
          from: "accepted",
          to: "approved",
          possible: ["reviewed", "rejected", "withdrawn", "expired"],
        },
      }),
    );
  });
});
