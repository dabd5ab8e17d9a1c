import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../tests/support/database.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import { cloudSyncs, findings } from "../db/schema/sync.ts";
import { placements, tenancies } from "../db/schema/tenancies.ts";
import { type CloudId, type FindingId, knownId } from "../kernel/ids.ts";
import { grantTenancy, HEALTH, HRSS } from "../tenancies/tenancy.fixture.ts";
import { loadSites } from "./site-rows.ts";

let house: TestDatabase;
const at = new Date("2026-11-19T17:00:00Z");
const guangzhou = knownId<CloudId>("guangzhou");

beforeAll(async () => {
  house = await openTestDatabase();
  await house.db.withTx(smallProvince);
});
afterAll(() => house.close());

it("tells of each cloud when it was looked through and what nobody has decided about", async () => {
  const details = { ref: "r", displayName: "", state: "active", pool: "", quota: {}, tenancyId: null };
  const stray = (id: string, status: "open" | "ignored") => ({
    id: knownId<FindingId>(id),
    kind: "unmanaged" as const,
    cloudId: guangzhou,
    subject: id,
    details: { ...details, organizationId: null },
    status,
    firstSeenAt: at,
    lastSeenAt: at,
  });
  const sites = await house.db.withTx(async (tx) => {
    await tx.insert(cloudSyncs).values({ cloudId: guangzhou, syncedAt: at });
    await tx.insert(findings).values([stray("fnd_1", "open"), stray("fnd_2", "ignored")]);
    return loadSites(tx);
  });
  // 17:00 in Greenwich is the next day in China.
  const known = { strays: 1, syncedOn: "2026-11-20", credential: null, removalsWithoutReceipt: 0 };
  expect(sites.find(({ cloudId }) => cloudId === "guangzhou")).toMatchObject(known);
  expect(sites.find(({ cloudId }) => cloudId === "shenzhen")).toMatchObject({ strays: 0, syncedOn: null });
});

it("counts what was removed without a receipt, and not what was wiped or still runs", async () => {
  const counts = () =>
    house.db.read(async (tx) =>
      (await loadSites(tx)).reduce((sum, { removalsWithoutReceipt }) => sum + removalsWithoutReceipt, 0),
    );
  const [gone] = await house.db.withTx(async (tx) => [
    await grantTenancy(tx, HEALTH),
    await grantTenancy(tx, HRSS),
  ]);
  expect(await counts()).toBe(0);
  if (gone === undefined) throw new Error("no tenancy");
  const part = eq(placements.tenancyId, gone.tenancyId);
  await house.db.withTx(async (tx) => {
    await tx.update(tenancies).set({ status: "closed" }).where(eq(tenancies.id, gone.tenancyId));
    await tx
      .update(placements)
      .set({ desired: { state: "absent", name: "gone" } })
      .where(part);
  });
  expect(await counts()).toBe(1);
  const wipeReceipt = { tenancyName: "gone", volumesWiped: 2, wipedAt: at.toISOString() };
  await house.db.withTx((tx) => tx.update(placements).set({ wipeReceipt }).where(part));
  expect(await counts()).toBe(0);
});
