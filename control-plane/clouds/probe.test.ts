import { eq } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startEmulators } from "../../providers/emulators.ts";
import { ProviderFault } from "../../providers/faults.ts";
import { openProvider } from "../../providers/registry.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import { clouds as cloudTable } from "../db/schema/topology.ts";
import type { CloudId } from "../kernel/ids.ts";
import { knownId } from "../kernel/ids.ts";
import type { Clouds } from "../provisioning/clouds.ts";
import { declarations, declareClouds } from "../runtime/emulated-clouds.ts";
import { probeClouds } from "./probe.ts";

const TOKEN = "token-of-the-simulated-clouds";

let house: TestApp;
let server: Awaited<ReturnType<typeof startEmulators>>;
let away: Set<string>;
let asked: string[];

const clouds: Clouds = {
  async open(cloudId) {
    asked.push(cloudId);
    if (away.has(cloudId)) throw new ProviderFault("Unavailable", "the cloud cannot be reached");
    return openProvider("simulated", { url: server.url, token: TOKEN, cloud: cloudId });
  },
};

beforeEach(async () => {
  away = new Set();
  asked = [];
  house = await testApp();
  await house.app.db.withTx((tx) => smallProvince(tx));
  server = await startEmulators({
    port: 0,
    host: "127.0.0.1",
    token: TOKEN,
    dataDir: null,
    clock: house.clock,
  });
  await declareClouds({ url: server.url, token: TOKEN }, await declarations(house.app.db));
});
afterEach(async () => {
  await server.close();
  await house.close();
});

const healthOf = (id: string) =>
  house.app.db.withTx(async (tx) => {
    const [row] = await tx
      .select()
      .from(cloudTable)
      .where(eq(cloudTable.id, knownId<CloudId>(id)));
    return row;
  });

it("shows a cloud that went away as degraded, with reason and since when, and leaves the others alone", async () => {
  await probeClouds(house.app, clouds);
  expect(await healthOf("guangzhou")).toMatchObject({ reachable: true, degradedReason: null });
  away.add("guangzhou");
  house.clock.advance(60_000);
  await probeClouds(house.app, clouds);
  const since = house.clock.now();
  house.clock.advance(60_000);
  await probeClouds(house.app, clouds);
  expect(await healthOf("guangzhou")).toMatchObject({
    reachable: false,
    degradedSince: since,
    degradedReason: "Unavailable: the cloud cannot be reached",
  });
  for (const id of new Set(asked))
    if (id !== "guangzhou") expect(await healthOf(id)).toMatchObject({ reachable: true });
  away.clear();
  await probeClouds(house.app, clouds);
  expect(await healthOf("guangzhou")).toMatchObject({
    reachable: true,
    degradedSince: null,
    degradedReason: null,
  });
});

it("asks what answered once a minute, and what did not every time", async () => {
  away.add("guangzhou");
  await probeClouds(house.app, clouds);
  asked = [];
  house.clock.advance(10_000);
  await probeClouds(house.app, clouds);
  expect(asked).toEqual(["guangzhou"]);
});
