import { afterAll, beforeAll, expect, test } from "vitest";
import { RATIO_UNIT } from "../../control-plane/kernel/quantity.ts";
import type { CloudDocument, PoolDocument } from "../../control-plane/province/documents.ts";
import { readProvince } from "../../control-plane/province/read.ts";
import type { Emulation } from "../../providers/emulation/server.ts";
import { emulatedConnection, startEmulators } from "../../providers/emulators.ts";
import { openProvider } from "../../providers/registry.ts";

/** Every cloud of the example province, entered by the adapter of its kind, has what the documents say of it. */

const TOKEN = "token-of-the-example-clouds";
const { clouds, pools } = await readProvince("deploy/provinces/guangdong");
const kinds = [...new Set(clouds.map(({ spec }) => spec.provider.kind))];
let server: Emulation;

beforeAll(async () => {
  server = await startEmulators({
    ...{ port: 0, host: "127.0.0.1", token: TOKEN, dataDir: null },
    clock: { now: () => new Date() },
  });
});
afterAll(() => server.close());

test("there are clouds of all four kinds, most of them OpenStack", () => {
  expect(kinds.toSorted()).toEqual(["ec2", "kubernetes", "openstack", "simulated"]);
  const openstack = clouds.filter(({ spec }) => spec.provider.kind === "openstack");
  expect(openstack.length).toBeGreaterThan(clouds.length / 2);
});

test.each(kinds)("clouds of kind %s offer what their pools are said to have", async (kind) => {
  for (const cloud of clouds.filter(({ spec }) => spec.provider.kind === kind)) {
    const declared = pools.filter(({ spec }) => spec.cloud === cloud.metadata.id);
    await declare(cloud, declared);
    const capacity = await (await openProvider(kind, connectionOf(cloud))).discoverCapacity();
    expect(capacity.map(({ pool }) => pool).toSorted()).toEqual(
      declared.map(({ metadata }) => metadata.id as string).toSorted(),
    );
    for (const { pool, total, allocationRatio } of capacity) {
      expect(Object.keys(total)).toEqual(expect.arrayContaining(["VCPU", "MEMORY_GIB"]));
      const offered = Object.entries(total).map(([name, amount]) => [
        name,
        Math.floor(amount * (allocationRatio[name] ?? 1)),
      ]);
      const said = offeredBy(declared.find(({ metadata }) => metadata.id === pool));
      expect(Object.fromEntries(offered)).toEqual(
        Object.fromEntries(offered.map(([name]) => [name, said[String(name)]])),
      );
    }
  }
});

function offeredBy(pool: PoolDocument | undefined): Record<string, number> {
  const inventories = Object.entries(pool?.spec.inventories ?? {});
  return Object.fromEntries(
    inventories.map(([name, { total, allocationRatioMilli }]) => [
      name,
      Math.floor((total * allocationRatioMilli) / RATIO_UNIT),
    ]),
  );
}

async function declare(cloud: CloudDocument, declared: readonly PoolDocument[]): Promise<void> {
  const pools = declared.map(({ metadata, spec }) => {
    const amounts = Object.entries(spec.inventories);
    return {
      name: metadata.id,
      architecture: spec.architecture,
      total: Object.fromEntries(amounts.map(([name, { total }]) => [name, total])),
      allocationRatio: Object.fromEntries(
        amounts.map(([name, row]) => [name, row.allocationRatioMilli / RATIO_UNIT]),
      ),
    };
  });
  const answer = await fetch(`${server.url}/admin/${cloud.spec.provider.kind}/${cloud.metadata.id}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ pools }),
  });
  if (!answer.ok) throw new Error(`${cloud.metadata.id}: ${answer.status} ${await answer.text()}`);
}

function connectionOf(cloud: CloudDocument) {
  const { kind, connection } = cloud.spec.provider;
  const { emulated: _, ...said } = connection;
  return { ...emulatedConnection(kind, { url: server.url, token: TOKEN }, cloud.metadata.id), ...said };
}
