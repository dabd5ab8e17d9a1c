import { describe, expect, test } from "vitest";
import { quotaIn, quotaInForce, quotaObject } from "./quota.ts";

const GPU = "nvidia.com/gpu";
const QUOTA = { VCPU: 8, MEMORY_GIB: 32, BLOCK_STORAGE_GIB: 500 };

function read(hard: Record<string, string>, annotations: Record<string, string> = {}) {
  return quotaIn({ metadata: { annotations }, spec: { hard } }, GPU);
}

test("every class is stated, since to Kubernetes one that is left out has no limit", () => {
  expect(quotaObject(QUOTA, GPU, false).hard).toEqual({
    "requests.cpu": "8",
    "limits.cpu": "8",
    "requests.memory": "32Gi",
    "limits.memory": "32Gi",
    "requests.storage": "500Gi",
    "services.loadbalancers": "0",
    "requests.nvidia.com/gpu": "0",
  });
});

test("while suspended nothing new may run", () => {
  expect(quotaObject(QUOTA, GPU, true).hard.pods).toBe("0");
});

describe("what is read", () => {
  const { hard } = quotaObject(QUOTA, GPU, false);

  test("is what was written, classes included that a quota cannot hold", () => {
    const wide = { ...QUOTA, OBJECT_STORAGE_GIB: 100, BANDWIDTH_MBPS: 50 };
    const object = quotaObject(wide, GPU, false);
    expect(read(object.hard, object.annotations)).toEqual({ ...wide, PUBLIC_IPV4: 0, GPU: 0 });
  });

  test.each([
    ["8000m", 8],
    ["0.5k", 500],
  ])("%s cores are %d", (cpu, cores) => {
    expect(read({ ...hard, "requests.cpu": cpu, "limits.cpu": cpu })?.VCPU).toBe(cores);
  });

  test.each([
    ["a fraction of a core", { "requests.cpu": "8500m" }],
    ["G instead of Gi", { "requests.memory": "32G" }],
    ["a limit that is no whole number", { "limits.memory": "33000Mi" }],
  ])("%s cannot be said in whole units, and has to be put right", (_, change) => {
    expect(read({ ...hard, ...change })).toBeNull();
  });

  test.each(Object.keys(hard))("without %s there is no limit, and it has to be put right", (name) => {
    const { [name]: _, ...others } = hard;
    expect(read(others)).toBeNull();
  });

  test("where request and limit differ, the larger counts", () => {
    expect(read({ ...hard, "limits.cpu": "64" })?.VCPU).toBe(64);
  });
});

test("a quota is in force once the controller has taken up all of it", () => {
  const spec = { hard: { "requests.cpu": "8", pods: "0" } };
  expect(quotaInForce({ spec })).toBe(false);
  expect(quotaInForce({ spec, status: { hard: { "requests.cpu": "8" } } })).toBe(false);
  expect(quotaInForce({ spec, status: { hard: { "requests.cpu": "4", pods: "0" } } })).toBe(false);
  expect(quotaInForce({ spec, status: { hard: { "requests.cpu": "8000m", pods: "0" } } })).toBe(true);
  const lifted = { hard: { "requests.cpu": "8" } };
  expect(quotaInForce({ spec: lifted, status: spec })).toBe(false);
});
