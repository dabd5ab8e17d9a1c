import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { violatedConstraint } from "../db/errors.ts";
import { fault } from "../kernel/fault.ts";
import { type CloudId, knownId, type OrganizationId } from "../kernel/ids.ts";
import { apply, small } from "./apply.fixture.ts";
import { constraintFault } from "./constraint-faults.ts";
import { planChanges } from "./plan.ts";
import { loadProvince } from "./rows.ts";
import { writeChanges } from "./write-rows.ts";

let tested: TestApp;
beforeAll(async () => {
  tested = await testApp();
  await apply(tested.app, small());
});
afterAll(() => tested.close());

const attempt = (text: string): Promise<unknown> =>
  tested.app.db
    .withTx((tx) => tx.execute(sql.raw(text)))
    .then(
      () => "accepted",
      (error: unknown) => violatedConstraint(error) ?? error,
    );

const CLOUD =
  "jurisdiction_code, csp, country, operations_country, mlps_level, operating_model, provider_kind, connection";
const POOL =
  "name_zh, name_en, architecture, mlps_level, dedicated, tenant_isolation, encryption, fault_domains, traits";
const POOL_VALUES = "'p', 'p', 'kunpeng', 3, false, true, true, 1, '{}'";

describe("the database itself refuses", () => {
  it.each([
    [
      "a second provincial cloud",
      `INSERT INTO clouds (id, tier, name_zh, name_en, ${CLOUD})
         VALUES ('second', 'provincial', 's', 's', '440000', 'csp-a', 'CN', 'CN', 3, 'separated', 'simulated', '{}')`,
      "clouds_one_provincial",
    ],
    [
      "a pool without a cloud",
      `INSERT INTO pools (id, cloud_id, zone_id, ${POOL}) VALUES ('p', 'nowhere', 'main-extranet', ${POOL_VALUES})`,
      "pools_cloud_id_clouds_id_fk",
    ],
    [
      "a pool in another cloud's zone",
      `INSERT INTO pools (id, cloud_id, zone_id, ${POOL}) VALUES ('p', 'main', 'nowhere', ${POOL_VALUES})`,
      "pools_zone_of_cloud",
    ],
    [
      "a cloud that takes its pools with it",
      "DELETE FROM clouds WHERE id = 'main'",
      expect.stringMatching(/_clouds_id_fk$/),
    ],
    ["a negative total", "UPDATE inventories SET total = -1, reserved = -1", "inventories_quantities"],
    ["more reserved than there is", "UPDATE inventories SET reserved = total + 1", "inventories_quantities"],
    ["a negative quota", "UPDATE quota_limits SET nominal = -1", "quota_limits_quantities"],
    ["negative usage", "UPDATE quota_limits SET held = -1", "quota_limits_quantities"],
    [
      "an organization above itself",
      "UPDATE organizations SET parent_id = 'gd-hrss' WHERE id = 'gd'",
      "organizations_no_cycle",
    ],
    [
      "an organization that is its own parent",
      "UPDATE organizations SET parent_id = 'gd' WHERE id = 'gd'",
      "organizations_no_cycle",
    ],
    [
      "a quota node above itself",
      "UPDATE quota_nodes SET parent_id = 'gd.main.gd-hrss' WHERE id = 'gd'",
      "quota_nodes_no_cycle",
    ],
  ])("%s", async (_what, statement, constraint) => {
    expect(await attempt(statement)).toEqual(constraint);
  });
});

describe("what the database refuses reaches the caller as a fault", () => {
  /** Writes past every check of the documents. */
  async function force(province: ReturnType<typeof small>): Promise<unknown> {
    return tested.app.db
      .withTx(async (tx) => writeChanges(tx, planChanges(await loadProvince(tx), province, { prune: false })))
      .catch(constraintFault);
  }

  it("a second provincial cloud", async () => {
    const second = small().clouds.map((cloud) => ({
      ...cloud,
      metadata: { ...cloud.metadata, id: knownId<CloudId>("second") },
      spec: { ...cloud.spec, zones: [] },
    }));
    expect(await force({ ...small(), clouds: second })).toMatchObject({ code: "cloud.second_provincial" });
  });

  it("a cycle of organizations", async () => {
    const province = small();
    const organizations = province.organizations.map((one) =>
      one.metadata.id === "gd"
        ? { ...one, spec: { ...one.spec, parent: knownId<OrganizationId>("gd-hrss") } }
        : one,
    );
    expect(await force({ ...province, organizations })).toMatchObject({ code: "organization.cycle" });
  });

  it("a reference to what somebody else has deleted meanwhile", async () => {
    const pools = small().pools.map((pool) => ({
      ...pool,
      spec: { ...pool.spec, cloud: knownId<CloudId>("gone") },
    }));
    expect(await force({ ...small(), pools })).toMatchObject({
      code: "province.in_use",
      details: { constraint: expect.stringContaining("pools_") },
    });
  });

  it("but faults and broken connections stay what they are", () => {
    const known = fault("quota.over_limit");
    const broken = Object.assign(new Error("reset"), { code: "ECONNRESET" });
    expect(constraintFault(known)).toBe(known);
    expect(constraintFault(broken)).toBe(broken);
  });

  it("and nothing of all this was written", async () => {
    const current = await tested.app.db.withTx(loadProvince);
    expect(planChanges(current, small(), { prune: true })).toEqual([]);
  });
});
