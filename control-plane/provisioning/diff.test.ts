import {
  array,
  assert,
  boolean,
  constantFrom,
  integer,
  option,
  property,
  record,
  uniqueArray,
} from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  InstanceSpec,
  ObservedInstance,
  ObservedTenancy,
  Ownership,
  TenancySpec,
} from "../../providers/port.ts";
import type { DesiredPlacement, ObservedPlacement } from "./desired.ts";
import { diff, type ProvisioningStep } from "./diff.ts";

const OWN: Ownership = {
  installation: "here",
  tenancyId: "ten_1",
  placementId: "plc_1",
  organizationId: "gd-hrss",
};
const ELSEWHERE: Ownership = { ...OWN, installation: "there" };

type Size = Pick<InstanceSpec, "vcpu" | "memoryGiB" | "diskGiB">;
const SIZE = ["vcpu", "memoryGiB", "diskGiB"] as const;
const CLASS = { vcpu: "VCPU", memoryGiB: "MEMORY_GIB", diskGiB: "BLOCK_STORAGE_GIB" } as const;

function spec(quota: Record<string, number>, suspended = false): TenancySpec {
  return {
    ownership: OWN,
    name: "plc-1",
    displayName: "社保系统",
    pool: "main-kunpeng",
    zone: "extranet",
    quota,
    accessGroup: "gd-hrss",
    suspended,
  };
}

function instanceSpec(name: string, size: Partial<Size> = {}): InstanceSpec {
  return {
    ownership: OWN,
    name,
    vcpu: 2,
    memoryGiB: 4,
    diskGiB: 10,
    image: "kylin",
    architecture: "kunpeng",
    ...size,
  };
}

function tenancy(change: Partial<ObservedTenancy> = {}): ObservedTenancy {
  const quota = { VCPU: 10, MEMORY_GIB: 20, BLOCK_STORAGE_GIB: 100 };
  return {
    ref: "prj",
    name: "plc-1",
    ownership: OWN,
    state: "active",
    displayName: "System",
    pool: "main-kunpeng",
    zone: "extranet",
    quota,
    accessGroup: "gd-hrss",
    isolated: true,
    message: null,
    ...change,
  };
}

function instance(name: string, change: Partial<ObservedInstance> = {}): ObservedInstance {
  const { ownership, vcpu, memoryGiB, diskGiB, image } = instanceSpec(name);
  const size = { vcpu, memoryGiB, diskGiB };
  return {
    ref: name,
    tenancyRef: "prj",
    name,
    ownership,
    state: "active",
    ...size,
    image,
    message: null,
    ...change,
  };
}

const present = (quota: Record<string, number>, ...instances: InstanceSpec[]): DesiredPlacement => ({
  state: "present",
  tenancy: spec(quota),
  instances,
});
const QUOTA = { VCPU: 10, MEMORY_GIB: 20, BLOCK_STORAGE_GIB: 100 };
const shown = (steps: readonly ProvisioningStep[]) => steps.map(({ action, key }) => `${action} ${key}`);

describe("diff", () => {
  it("asks for nothing where the cloud shows what is desired", () => {
    expect(
      diff(present(QUOTA, instanceSpec("app-1")), { tenancy: tenancy(), instances: [instance("app-1")] }),
    ).toEqual([]);
    expect(diff({ state: "absent", name: "plc-1" }, { tenancy: null, instances: [] })).toEqual([]);
  });

  it("makes the tenancy first and its instances when it stands", () => {
    const desired = present(QUOTA, instanceSpec("app-1"));
    expect(shown(diff(desired, { tenancy: null, instances: [] }))).toEqual(["ensure-tenancy tenancy"]);
    expect(shown(diff(desired, { tenancy: tenancy({ state: "creating" }), instances: [] }))).toEqual([
      "wait tenancy",
    ]);
    expect(shown(diff(desired, { tenancy: tenancy(), instances: [] }))).toEqual([
      "ensure-instance instance:app-1",
    ]);
  });

  it("raises the quota before an instance grows and lowers it after it has shrunk", () => {
    const grown = diff(present({ ...QUOTA, VCPU: 12 }, instanceSpec("app-1", { vcpu: 12 })), {
      tenancy: tenancy(),
      instances: [instance("app-1")],
    });
    expect(shown(grown)).toEqual(["ensure-tenancy tenancy", "ensure-instance instance:app-1"]);
    const smaller = present({ ...QUOTA, VCPU: 1 }, instanceSpec("app-1", { vcpu: 1 }));
    const first = diff(smaller, { tenancy: tenancy(), instances: [instance("app-1")] });
    expect(shown(first)).toEqual(["ensure-instance instance:app-1"]);
    const second = diff(smaller, { tenancy: tenancy(), instances: [instance("app-1", { vcpu: 1 })] });
    expect(second).toMatchObject([{ action: "ensure-tenancy", spec: { quota: { VCPU: 1 } } }]);
  });

  it("keeps what is new waiting until what goes has made room", () => {
    const steps = diff(present(QUOTA, instanceSpec("web-1")), {
      tenancy: tenancy(),
      instances: [instance("app-1")],
    });
    expect(shown(steps)).toEqual(["remove-instance instance:app-1", "wait instance:web-1"]);
  });

  it("shrinks in one dimension before it grows in another", () => {
    const desired = present(QUOTA, instanceSpec("app-1", { vcpu: 1, memoryGiB: 8 }));
    const steps = diff(desired, { tenancy: tenancy(), instances: [instance("app-1")] });
    expect(steps).toMatchObject([{ action: "ensure-instance", spec: { vcpu: 1, memoryGiB: 4 } }]);
  });

  it.each([null, ELSEWHERE, { ...OWN, placementId: "plc_2" }])("never removes what %j owns", (ownership) => {
    const guest = instance("guest", { ownership });
    expect(diff(present(QUOTA), { tenancy: tenancy(), instances: [guest] })).toEqual([]);
  });

  it("does not take an instance of somebody else for its own", () => {
    const observed = { tenancy: tenancy(), instances: [instance("app-1", { ownership: null })] };
    expect(shown(diff(present(QUOTA, instanceSpec("app-1")), observed))).toEqual([
      "ensure-instance instance:app-1",
    ]);
  });

  it("waits for an instance that is going before it makes it again", () => {
    const observed = { tenancy: tenancy(), instances: [instance("app-1", { state: "removing", vcpu: 1 })] };
    expect(shown(diff(present(QUOTA, instanceSpec("app-1")), observed))).toEqual(["wait instance:app-1"]);
  });

  it.each([
    { isolated: false },
    { accessGroup: "others" },
    { accessGroup: null },
    { state: "suspended" as const },
  ])("mends a tenancy with %j", (drift) => {
    const steps = diff(present(QUOTA, instanceSpec("app-1")), {
      tenancy: tenancy(drift),
      instances: [instance("app-1")],
    });
    expect(shown(steps)).toEqual(["ensure-tenancy tenancy"]);
  });

  it("takes the tenancy away after its instances", () => {
    const absent: DesiredPlacement = { state: "absent", name: "plc-1" };
    const gone = (instances: ObservedInstance[]) => shown(diff(absent, { tenancy: tenancy(), instances }));
    expect(gone([instance("app-1")])).toEqual(["remove-instance instance:app-1"]);
    expect(gone([instance("app-1", { state: "removing" })])).toEqual(["wait instances"]);
    expect(gone([])).toEqual(["remove-tenancy tenancy"]);
  });
});

/** A cloud in memory that refuses what real ones refuse; a pass of time ends what is being made or removed. */
class ModelCloud {
  tenancy: ObservedTenancy | null;
  instances: ObservedInstance[];
  readonly log: string[] = [];

  constructor({ tenancy: given, instances }: ObservedPlacement) {
    this.tenancy = given;
    this.instances = [...instances];
  }

  shows(): ObservedPlacement {
    return { tenancy: this.tenancy, instances: this.instances };
  }

  used(dimension: keyof Size): number {
    return this.instances.reduce((sum, one) => sum + one[dimension], 0);
  }

  passTime(): void {
    if (this.tenancy?.state === "removing") {
      this.tenancy = null;
      this.instances = [];
    }
    if (this.tenancy?.state === "creating") this.tenancy = { ...this.tenancy, state: "active" };
    this.instances = this.instances
      .filter((one) => one.state !== "removing")
      .map((one) => (one.state === "creating" ? { ...one, state: "active" as const } : one));
  }

  apply(step: ProvisioningStep): void {
    this.log.push(`${step.action} ${step.key}`);
    switch (step.action) {
      case "wait":
        return;
      case "ensure-tenancy":
        this.#ensureTenancy(step.spec);
        return;
      case "ensure-instance":
        this.#ensureInstance(step.spec);
        return;
      case "remove-tenancy":
        this.tenancy = this.tenancy && { ...this.tenancy, state: "removing" };
        return;
      case "remove-instance":
        this.instances = this.instances.map((one) => (one.name === step.name ? removed(one) : one));
    }
  }

  #ensureTenancy(wanted: TenancySpec): void {
    if (this.tenancy?.state === "removing") throw new Error("the tenancy is being removed");
    for (const dimension of SIZE) {
      if (this.used(dimension) > (wanted.quota[CLASS[dimension]] ?? 0))
        throw new Error(`quota of ${dimension} is in use`);
    }
    const state = this.tenancy === null ? "creating" : wanted.suspended ? "suspended" : "active";
    const { quota, accessGroup } = wanted;
    this.tenancy = tenancy({ ...this.tenancy, quota, accessGroup, isolated: true, state });
  }

  #ensureInstance(wanted: InstanceSpec): void {
    if (this.tenancy?.state !== "active") throw new Error("the tenancy takes no changes");
    const before = this.instances.find((one) => one.name === wanted.name);
    if (before !== undefined && before.ownership?.installation !== "here")
      throw new Error("belongs to somebody else");
    if (before?.state === "removing") throw new Error("is being removed");
    for (const dimension of SIZE) {
      const more = wanted[dimension] - (before?.[dimension] ?? 0);
      const quota = this.tenancy.quota[CLASS[dimension]] ?? 0;
      if (more > 0 && this.used(dimension) + more > quota) throw new Error(`quota of ${dimension} exceeded`);
    }
    const { vcpu, memoryGiB, diskGiB } = wanted;
    const goesOn = before?.state === "error" || before?.state === "pending";
    const state = before === undefined ? "creating" : goesOn ? "active" : before.state;
    const after = instance(wanted.name, { vcpu, memoryGiB, diskGiB, state });
    this.instances = [...this.instances.filter((one) => one.name !== wanted.name), after];
  }
}

function removed(one: ObservedInstance): ObservedInstance {
  if (one.ownership?.installation !== "here") throw new Error(`${one.name} is not ours`);
  return { ...one, state: "removing" };
}

const size = record({
  vcpu: integer({ min: 1, max: 4 }),
  memoryGiB: integer({ min: 1, max: 4 }),
  diskGiB: integer({ min: 1, max: 4 }),
});
const NAMES = ["app-1", "app-2", "web-1", "db-1"] as const;
const wantedInstances = uniqueArray(record({ name: constantFrom(...NAMES), size }), {
  selector: ({ name }) => name,
});
const someInstances = uniqueArray(
  record({
    name: constantFrom(...NAMES),
    size,
    state: constantFrom("creating", "pending", "active", "stopped", "removing", "error"),
  }),
  { selector: ({ name }) => name },
);
const guests = array(record({ size, ownership: constantFrom(null, ELSEWHERE) }), { maxLength: 2 });

const scene = record({
  wanted: wantedInstances,
  spare: integer({ min: 0, max: 2 }),
  suspended: boolean(),
  absent: boolean(),
  there: option(
    record({
      quota: record({ VCPU: integer({ min: 0, max: 20 }), MEMORY_GIB: integer({ min: 0, max: 20 }) }),
      state: constantFrom("creating", "active", "suspended", "removing", "error"),
      isolated: boolean(),
      accessGroup: constantFrom("gd-hrss", "others", null),
      instances: someInstances,
      guests,
    }),
  ),
});

/** Every pass either waits for the cloud or brings it nearer: removal, shrinking, growth, the quota, suspension. */
const PASSES_MAX = 12;

describe("applied again and again", () => {
  it("reaches what is desired from anywhere, within what the cloud allows, and leaves others alone", () => {
    assert(
      property(scene, ({ wanted, spare, suspended, absent, there }) => {
        const guestsThere = (there?.guests ?? []).map(({ size: taken, ownership }, index) =>
          instance(`guest-${index}`, { ...taken, ownership }),
        );
        const cloud = new ModelCloud({
          tenancy: there === null ? null : tenancy({ ...there, name: "plc-1" }),
          instances:
            there === null
              ? []
              : [
                  ...there.instances.map((one) => instance(one.name, { ...one.size, state: one.state })),
                  ...guestsThere,
                ],
        });
        const instances = wanted.map((one) => instanceSpec(one.name, one.size));
        // What is granted has room for the instances; guests eat from the same quota.
        const quota = Object.fromEntries(
          SIZE.map((dimension) => [
            CLASS[dimension],
            [...instances, ...guestsThere].reduce((sum, one) => sum + one[dimension], spare),
          ]),
        );
        const desired: DesiredPlacement = absent
          ? { state: "absent", name: "plc-1" }
          : { state: "present", tenancy: spec(quota, suspended), instances };
        let passes = 0;
        for (
          let steps = diff(desired, cloud.shows());
          steps.length > 0;
          steps = diff(desired, cloud.shows())
        ) {
          passes += 1;
          expect(passes, cloud.log.join("\n")).toBeLessThanOrEqual(PASSES_MAX);
          for (const step of steps) cloud.apply(step);
          cloud.passTime();
        }
        if (absent) expect(cloud.shows()).toEqual({ tenancy: null, instances: [] });
        else {
          expect(cloud.tenancy).toMatchObject({
            quota,
            state: suspended ? "suspended" : "active",
            isolated: true,
          });
          const own = cloud.instances.filter((one) => one.ownership === OWN);
          expect(own.map((one) => one.name).toSorted()).toEqual(instances.map((one) => one.name).toSorted());
          if (there !== null && there.state !== "removing") {
            expect(cloud.instances.filter((one) => one.ownership !== OWN)).toEqual(guestsThere);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
