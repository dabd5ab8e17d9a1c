import nock from "nock";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ProviderFaultKind } from "../../providers/faults.ts";
import { KubernetesConnection } from "../../providers/kubernetes/connection.ts";
import { kubernetesProvider } from "../../providers/kubernetes/provider.ts";
import type { CloudProvider } from "../../providers/port.ts";
import { type Exchange, recordedKubernetes } from "../support/recorded.ts";
import { expectFault } from "./target.ts";

const HOST = "https://kubernetes.test";
const NAMESPACE = "tn-gd-hrss-social-insurance";
const RECORDED = [
  ...recordedKubernetes("kubernetes-1.20.2.json"),
  ...recordedKubernetes("kubernetes-1.20.2-apply.json"),
];
const provider = kubernetesProvider(
  KubernetesConnection.parse({ server: HOST, token: "t", accessRole: "admin", groupPrefix: "yunheng:" }),
);

function recorded(name: string): Exchange["response"] {
  const found = RECORDED.find((exchange) => exchange.name === name);
  if (found === undefined) throw new Error(`nothing was recorded as ${name}`);
  return found.response;
}

/** What the adapter asks for is answered as it was recorded, everything else not at all. */
function answer(method: string, path: RegExp, name: string, change?: (body: unknown) => unknown): void {
  const { status, body } = recorded(name);
  const said = change === undefined ? body : change(body);
  nock(HOST).persist().intercept(path, method).reply(status, JSON.stringify(said), {
    "content-type": "application/json",
  });
}

function nothing(path: RegExp): void {
  nock(HOST).persist().get(path).reply(200, { kind: "List", apiVersion: "v1", metadata: {}, items: [] });
}

beforeAll(() => {
  // A file before this one may have taken it out.
  if (!nock.isActive()) nock.activate();
  nock.disableNetConnect();
});
afterEach(() => nock.cleanAll());
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

describe("recorded replies in the port's words", () => {
  test("nodes and pods are capacity by zone and architecture", async () => {
    answer("GET", /\/nodes\b/, "list nodes");
    answer("GET", /\/pods\b/, "list pods by label");
    const pools = await provider.discoverCapacity();
    const byName = new Map(pools.map((pool) => [pool.pool, pool.total]));
    expect([...byName.keys()].sort()).toEqual(["zone-1-amd64", "zone-1-arm64", "zone-2-amd64"]);
    expect(byName.get("zone-1-arm64")).toEqual({ VCPU: 62, MEMORY_GIB: 248 });
    expect(byName.get("zone-2-amd64")).toEqual({ VCPU: 30, MEMORY_GIB: 120 });
  });

  test("a namespace with its quota, binding and policy is a tenancy", async () => {
    const hard = { "services.loadbalancers": "0", "requests.nvidia.com/gpu": "0" };
    answer("GET", new RegExp(`/namespaces/${NAMESPACE}$`), "get namespace");
    answer("GET", /\/resourcequotas\/tenancy$/, "get resource quota", (body) => extended(body, hard));
    answer("GET", /\/limitranges\/tenancy$/, "apply limit range");
    answer("GET", /\/rolebindings\/tenancy$/, "apply role binding");
    nothing(/\/networkpolicies\b/);
    expect(await provider.getTenancy(NAMESPACE)).toMatchObject({
      name: NAMESPACE,
      ref: "a787df08-021c-464f-854e-4ed00755b464",
      quota: { VCPU: 8, MEMORY_GIB: 16, BLOCK_STORAGE_GIB: 100 },
      accessGroup: "gd-hrss",
      isolated: false,
      state: "active",
      // The recorder's labels are not those of the adapter: nobody's.
      ownership: null,
    });
  });

  test("a namespace that is leaving is removing, until it is gone", async () => {
    answer("GET", new RegExp(`/namespaces/${NAMESPACE}$`), "get namespace: terminating");
    for (const part of ["resourcequotas", "limitranges", "rolebindings"]) {
      answer("GET", new RegExp(`/${part}/tenancy$`), "get namespace: gone");
    }
    nothing(/\/networkpolicies\b/);
    expect((await provider.getTenancy(NAMESPACE)).state).toBe("removing");
  });
});

describe("recorded errors in the port's classes", () => {
  const calls: readonly (readonly [string, ProviderFaultKind, (cloud: CloudProvider) => Promise<unknown>])[] =
    [
      ["unauthenticated", "Denied", (cloud) => cloud.listTenancies()],
      ["forbidden", "Denied", (cloud) => cloud.listTenancies()],
      ["get namespace: absent", "NotFound", (cloud) => cloud.getTenancy(NAMESPACE)],
      ["delete namespace: gone", "NotFound", (cloud) => cloud.removeTenancy(NAMESPACE)],
      [
        "list namespaces: foreign continue token",
        "Invalid",
        (cloud) => cloud.listTenancies({ after: "%%%" }),
      ],
      ["list namespaces: limit is no number", "Invalid", (cloud) => cloud.listTenancies()],
      ["create pod: exceeded quota", "Capacity", (cloud) => cloud.listTenancies()],
      ["create pod: over LimitRange max", "Invalid", (cloud) => cloud.listTenancies()],
      ["apply claim: beyond the quota", "Capacity", (cloud) => cloud.listTenancies()],
      ["put namespace: stale resourceVersion", "Conflict", (cloud) => cloud.listTenancies()],
      ["create namespace: already exists", "Conflict", (cloud) => cloud.listTenancies()],
      ["apply namespace: conflict with another manager", "Conflict", (cloud) => cloud.listTenancies()],
      ["apply namespace: another object's uid", "Conflict", (cloud) => cloud.listTenancies()],
      ["apply namespace: uid of nothing", "Conflict", (cloud) => cloud.listTenancies()],
      ["apply service account: namespace terminating", "Conflict", (cloud) => cloud.listTenancies()],
      ["create namespace: invalid name", "Invalid", (cloud) => cloud.listTenancies()],
    ];

  test.each(calls)("%s is %s", async (name, kind, call) => {
    answer("GET", /.*/, name);
    await expectFault(call(provider), kind);
  });
});

test("where the place in a list was forgotten, the list begins again", async () => {
  const page = (items: string[], next: string | null) => ({
    kind: "NodeList",
    metadata: next === null ? {} : { continue: next },
    items: items.map((name) => ({ metadata: { name, labels: {} }, status: { images: [{ names: [name] }] } })),
  });
  const status = { kind: "Status", status: "Failure", message: "too old", reason: "Expired", code: 410 };
  const configMaps = { kind: "ConfigMapList", metadata: {}, items: [] };
  nock(HOST)
    .get(/\/configmaps\b/)
    .reply(200, configMaps);
  nock(HOST)
    .get("/api/v1/nodes")
    .query({ limit: "500" })
    .reply(200, page(["a"], "first"));
  nock(HOST).get("/api/v1/nodes").query({ limit: "500", continue: "first" }).reply(410, status);
  nock(HOST)
    .get("/api/v1/nodes")
    .query({ limit: "500" })
    .reply(200, page(["a"], "second"));
  nock(HOST)
    .get("/api/v1/nodes")
    .query({ limit: "500", continue: "second" })
    .reply(200, page(["b"], null));
  expect((await provider.listImages()).map(({ name }) => name)).toEqual(["a", "b"]);
});

function extended(body: unknown, more: Readonly<Record<string, string>>): unknown {
  const quota = JSON.parse(JSON.stringify(body));
  Object.assign(quota.spec.hard, more);
  Object.assign(quota.status.hard, more);
  return quota;
}
