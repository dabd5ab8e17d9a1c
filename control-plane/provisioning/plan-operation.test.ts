import { describe, expect, it } from "vitest";
import type {
  InstanceSpec,
  ObservedInstance,
  ObservedTenancy,
  Ownership,
  TenancySpec,
} from "../../providers/port.ts";
import type { DesiredPlacement, ObservedPlacement } from "./desired.ts";
import { progressOf } from "./operation.ts";
import { progressed, stepsOf } from "./plan-operation.ts";

const NOW = new Date("2026-11-20T02:00:00.000Z");
const ownership: Ownership = {
  installation: "here",
  tenancyId: "ten_1",
  placementId: "plc_1",
  organizationId: "gd",
};
const size = { vcpu: 2, memoryGiB: 4, diskGiB: 10, image: "kylin" };
const spec: TenancySpec = {
  ownership,
  name: "plc-1",
  displayName: "系统",
  pool: "pool",
  zone: "extranet",
  quota: { VCPU: 20, MEMORY_GIB: 40, BLOCK_STORAGE_GIB: 100 },
  accessGroup: "gd",
  suspended: false,
};
const instanceSpec = (name: string): InstanceSpec => ({ ownership, name, architecture: "kunpeng", ...size });
const desired: DesiredPlacement = {
  state: "present",
  tenancy: spec,
  // A group's own name may hold dashes.
  instances: ["web-front-1", "web-front-2", "db-1"].map(instanceSpec),
};

const tenancy = (change: Partial<ObservedTenancy> = {}): ObservedTenancy => ({
  ref: "prj",
  name: "plc-1",
  ownership,
  state: "active",
  displayName: "System",
  pool: "pool",
  zone: "extranet",
  quota: spec.quota,
  accessGroup: "gd",
  isolated: true,
  message: null,
  ...change,
});
const machine = (name: string, state: ObservedInstance["state"] = "active"): ObservedInstance => ({
  ref: name,
  tenancyRef: "prj",
  name,
  ownership,
  state,
  message: null,
  ...size,
});

const placement = (
  observed: ObservedPlacement | null,
  wish: DesiredPlacement = desired,
  converged = false,
) => ({
  role: "primary",
  desired: wish,
  observed,
  converged,
});
const shown = (observed: ObservedPlacement | null) =>
  Object.fromEntries(
    progressed(stepsOf([placement(null)]), [placement(observed)], NOW).map((step) => [
      step.name,
      [step.status, step.message],
    ]),
  );

describe("stepsOf", () => {
  it("has one step for the tenancy and one for each group of machines", () => {
    expect(stepsOf([placement(null)])).toEqual(
      ["primary:tenancy", "primary:instances:web-front", "primary:instances:db"].map((name) => ({
        name,
        status: "pending",
        message: null,
        at: null,
      })),
    );
  });

  it("has one step for a part that goes", () => {
    const parts = [placement(null), { ...placement(null, { state: "absent", name: "plc-2" }), role: "edge" }];
    expect(stepsOf(parts).map(({ name }) => name)).toContain("edge:remove");
  });
});

describe("progressed", () => {
  it("is where it was before the cloud was looked at", () => {
    expect(
      progressed(stepsOf([placement(null)]), [placement(null)], NOW).map(({ status }) => status),
    ).toEqual(["pending", "pending", "pending"]);
  });

  it("counts no machine of a tenancy that is not there yet", () => {
    expect(shown({ tenancy: null, instances: [] })).toEqual({
      "primary:tenancy": ["running", null],
      "primary:instances:web-front": ["pending", "0/2"],
      "primary:instances:db": ["pending", "0/1"],
    });
  });

  it("counts no machine while the tenancy is being made", () => {
    expect(shown({ tenancy: tenancy({ state: "creating" }), instances: [] })).toMatchObject({
      "primary:tenancy": ["running", null],
      "primary:instances:web-front": ["pending", "0/2"],
    });
  });

  it("counts machines that run, not those being made", () => {
    const instances = [machine("web-front-1"), machine("web-front-2", "creating"), machine("db-1")];
    expect(shown({ tenancy: tenancy(), instances })).toEqual({
      "primary:tenancy": ["done", null],
      "primary:instances:web-front": ["running", "1/2"],
      "primary:instances:db": ["done", "1/1"],
    });
  });

  it("does not count a machine that waits for room", () => {
    const instances = [machine("old-1"), machine("web-front-1"), machine("web-front-2")];
    expect(shown({ tenancy: tenancy(), instances })).toMatchObject({
      "primary:instances:db": ["pending", "0/1"],
    });
  });

  it("shows what the cloud says of the tenancy", () => {
    const observed = { tenancy: tenancy({ state: "error", message: "no router" }), instances: [] };
    expect(shown(observed)["primary:tenancy"]).toEqual(["running", "no router"]);
  });

  it("calls a removal done only when it was confirmed", () => {
    const absent: DesiredPlacement = { state: "absent", name: "plc-1" };
    const steps = stepsOf([placement(null, absent)]);
    const status = (observed: ObservedPlacement | null, converged: boolean) =>
      progressed(steps, [placement(observed, absent, converged)], NOW).map((step) => step.status);
    expect(status({ tenancy: tenancy(), instances: [] }, false)).toEqual(["running"]);
    expect(status({ tenancy: null, instances: [] }, false)).toEqual(["running"]);
    expect(status({ tenancy: null, instances: [] }, true)).toEqual(["done"]);
  });

  it("dates only what changed", () => {
    const all = { tenancy: tenancy(), instances: [machine("db-1")] };
    const first = progressed(stepsOf([placement(null)]), [placement(all)], NOW);
    const later = progressed(first, [placement(all)], new Date("2026-11-21T00:00:00.000Z"));
    expect(later).toEqual(first);
    expect(first.map(({ at }) => at)).toEqual([NOW.toISOString(), NOW.toISOString(), NOW.toISOString()]);
  });
});

describe("progressOf", () => {
  it("is 100 only when every step is done", () => {
    const step = (status: "pending" | "done") => ({ name: "a", status, message: null, at: null });
    expect(progressOf([])).toBe(0);
    expect(progressOf([step("done"), step("done"), step("pending")])).toBe(66);
    expect(progressOf([step("done")])).toBe(100);
  });
});
