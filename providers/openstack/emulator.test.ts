import { afterAll, beforeAll, expect, test } from "vitest";
import { type Served, served } from "../../tests/support/emulation.ts";
import { type Hands, listIn, openstackHands, textIn } from "../../tests/support/openstack-hands.ts";
import type { CloudProvider, TenancySpec } from "../port.ts";
import { OpenstackConnection } from "./connection.ts";
import { openstackConnectionTo, openstackKind } from "./emulator.ts";
import { openstackProvider } from "./provider.ts";

/** What the rig of real services has not: routers with public addresses, and Cinder. */

const PASSWORD = "password-of-the-emulator";
const ownership = { installation: "gd", tenancyId: "ten_1", placementId: "plc_1", organizationId: "org" };
const SPEC: TenancySpec = {
  ownership,
  name: "plc-1",
  displayName: "Test（测试）",
  pool: "ext",
  zone: "internet",
  quota: { VCPU: 8, MEMORY_GIB: 16, BLOCK_STORAGE_GIB: 100, PUBLIC_IPV4: 2 },
  accessGroup: "org",
  suspended: false,
};

let server: Served;
let provider: CloudProvider;
let hands: Hands;

beforeAll(async () => {
  const pools = [{ name: "ext", architecture: "kunpeng", total: { VCPU: 64, MEMORY_GIB: 256 } }];
  server = await served(
    openstackKind({
      password: PASSWORD,
      dataDir: null,
      delayMs: { min: 1, max: 2 },
      clock: { now: () => new Date() },
      clouds: [{ id: "gd", pools }],
    }),
  );
  const connection = openstackConnectionTo(server.url, "gd", PASSWORD);
  provider = openstackProvider(OpenstackConnection.parse(connection));
  const { authUrl, region } = connection;
  const domains = { userDomain: "Default", projectDomain: "Default" };
  hands = await openstackHands({
    ...{ authUrl, region, ...domains, username: "admin", password: PASSWORD, project: "admin" },
  });
});
afterAll(() => server.close());

const routersOf = async (projectId: string) =>
  listIn(await hands.done("network", "GET", `/routers?project_id=${projectId}`), "routers");

test("a tenancy has a router on its own network, and loses it again", async () => {
  const { ref } = await provider.ensureTenancy(SPEC, "t");
  await provider.ensureTenancy(SPEC, "t");
  const [router, ...more] = await routersOf(ref);
  expect(more).toEqual([]);
  const ports = listIn(await hands.done("network", "GET", `/ports?project_id=${ref}`), "ports");
  const attached = ports.filter((port) => textIn(port, "device_owner") === "network:router_interface");
  expect(attached.map((port) => textIn(port, "device_id"))).toEqual([textIn(router ?? {}, "id")]);
  await removed("plc-1");
  expect(await routersOf(ref)).toEqual([]);
});

test("Cinder and Neutron hold a project to its quota, as it was last set", async () => {
  const { ref } = await provider.ensureTenancy(SPEC, "t");
  const { variables } = await provider.issueAccess("plc-1", 900, "access");
  const tenant = await tokenFor(variables);
  const volume = (size: number) =>
    ask(tenant, `/volume/v3/${ref}/volumes`, { volume: { size, name: "data" } });
  expect((await volume(60)).status).toBe(202);
  const refused = await volume(50);
  expect(refused.status).toBe(413);
  expect(await refused.text()).toContain("VolumeSizeExceedsAvailableQuota");
  const larger = { ...SPEC, quota: { ...SPEC.quota, BLOCK_STORAGE_GIB: 200 } };
  expect((await provider.ensureTenancy(larger, "t")).quota).toEqual(larger.quota);
  expect((await volume(50)).status).toBe(202);
  const address = () =>
    ask(tenant, "/network/v2.0/floatingips", { floatingip: { floating_network_id: "outside" } });
  expect([(await address()).status, (await address()).status, (await address()).status]).toEqual([
    201, 201, 409,
  ]);
  expect(await provider.readUsage("plc-1")).toEqual({ BLOCK_STORAGE_GIB: 110, PUBLIC_IPV4: 2 });
  await removed("plc-1");
});

async function removed(name: string): Promise<void> {
  await expect
    .poll(() => provider.removeTenancy(name).catch((error: { kind: string }) => error.kind))
    .toBe("NotFound");
}

/** As the department signs in, with what it was handed. */
async function tokenFor(variables: Readonly<Record<string, string>>): Promise<string> {
  const id = variables.OS_APPLICATION_CREDENTIAL_ID;
  const secret = variables.OS_APPLICATION_CREDENTIAL_SECRET;
  const identity = { methods: ["application_credential"], application_credential: { id, secret } };
  const answer = await fetch(`${variables.OS_AUTH_URL}/auth/tokens`, {
    method: "POST",
    body: JSON.stringify({ auth: { identity } }),
  });
  return answer.headers.get("x-subject-token") ?? "";
}

function ask(token: string, path: string, body: unknown): Promise<Response> {
  const headers = { "x-auth-token": token, "content-type": "application/json" };
  return fetch(`${server.url}/openstack/gd${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}
