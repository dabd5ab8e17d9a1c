import { expect, test } from "vitest";
import { openProvider } from "../registry.ts";
import { Ec2Connection } from "./connection.ts";

const WHOLE = {
  endpoint: "https://ec2.cloud.test",
  region: "cn-north-1",
  accessKeyId: "AKIA",
  secretAccessKey: "s3cret",
  pools: { ext: { availabilityZones: ["a"], architecture: "arm64", total: { VCPU: 64 } } },
};

test("what is left out has a usual value", () => {
  expect(Ec2Connection.parse(WHOLE)).toMatchObject({ network: "10.0.0.0/16", imageOwners: ["self"] });
});

test("address and credential together open the adapter, without asking the cloud", async () => {
  const { accessKeyId, secretAccessKey, ...address } = WHOLE;
  const provider = await openProvider("ec2", { ...address, accessKeyId, secretAccessKey });
  expect(provider.kind).toBe("ec2");
});

test.each([
  ["endpoint", "ftp://host"],
  ["network", "10.0.0.0/15"],
  ["network", "10.0.0.0/27"],
  ["network", "s3cret"],
  ["caCertificate", "s3cret"],
  ["proxy", "s3cret"],
  ["settleMs", -1],
  ["role", { arn: "" }],
  ["unknown", "s3cret"],
])("a wrong %s is named, and its value is not", async (field, value) => {
  const problem: unknown = await openProvider("ec2", { ...WHOLE, [field]: value }).catch(
    (error: unknown) => error,
  );
  expect(problem).toMatchObject({ kind: "Invalid", message: expect.stringContaining(field) });
  expect(String(problem)).not.toContain("s3cret");
});

test.each([
  [{ availabilityZones: [], architecture: "arm64", total: {} }],
  [{ availabilityZones: ["a"], architecture: "sparc", total: {} }],
  [{ availabilityZones: ["a"], architecture: "arm64", total: { VCPU: 0.5 } }],
])("a pool like %j is refused", (pool) => {
  expect(Ec2Connection.safeParse({ ...WHOLE, pools: { ext: pool } }).success).toBe(false);
});
