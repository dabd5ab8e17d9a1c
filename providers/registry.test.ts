import { expect, test } from "vitest";
import { ProviderFault } from "./faults.ts";
import { openProvider, PROVIDER_KINDS } from "./registry.ts";

const CONNECTION = { url: "http://127.0.0.1:9", token: "s3cret", cloud: "gd-01" };

async function refusalOf(kind: string, connection: unknown): Promise<ProviderFault> {
  try {
    await openProvider(kind, connection);
  } catch (error) {
    if (error instanceof ProviderFault) return error;
  }
  throw new Error("expected a ProviderFault");
}

test("opens a known kind without calling the cloud", async () => {
  expect((await openProvider("simulated", CONNECTION)).kind).toBe("simulated");
  expect(PROVIDER_KINDS).toContain("simulated");
});

test("an OpenStack connection without its credential is refused by field", async () => {
  const refusal = await refusalOf("openstack", {
    authUrl: "http://127.0.0.1:9/v3",
    credential: { kind: "password", password: "s3cret" },
  });
  expect(refusal.message).toContain("credential.username");
  expect(refusal.message).not.toContain("s3cret");
});

test.each(["nimbus", "toString", "__proto__", ""])(
  "an unknown kind %j is named, with those known",
  async (kind) => {
    const refusal = await refusalOf(kind, CONNECTION);
    expect(refusal.kind).toBe("Invalid");
    expect(refusal.message).toContain(`"${kind}"`);
    expect(refusal.message).toContain("simulated");
  },
);

test("a connection that does not fit names every field and no value", async () => {
  const refusal = await refusalOf("simulated", {
    url: "ftp://host",
    token: "",
    cloud: "s3cret cloud",
    extra: "s3cret",
  });
  expect(refusal.kind).toBe("Invalid");
  for (const field of ["url", "token", "cloud", "extra"]) expect(refusal.message).toContain(field);
  expect(refusal.message).not.toContain("s3cret");
});

test("no connection at all is refused too", async () => {
  expect((await refusalOf("simulated", null)).kind).toBe("Invalid");
});
