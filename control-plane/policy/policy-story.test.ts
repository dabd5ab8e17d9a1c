import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiOf, type TestCall } from "../../tests/support/api.ts";
import { workOnAssessments } from "../compliance/assess.ts";
import { startAssessment } from "../compliance/start-run.ts";
import type { App, Caller } from "../context.ts";
import { roleGrants } from "../db/schema/accounts.ts";
import { openStory, SMALL, type Story } from "../provisioning/provisioning.fixture.ts";
import { complianceCommand } from "../reports/compliance/command.ts";
import { requestRoutes } from "../requests/routes.ts";
import { runCommand } from "../runtime/commands.ts";
import { giveNotices } from "./exemptions/notices.ts";
import { exemptionRoutes } from "./exemptions/routes.ts";
import type { ImpactLine } from "./impact/wire.ts";
import { policyYaml } from "./policy.fixture.ts";
import { registeredPolicies } from "./register/in-force.ts";
import { registerFiles } from "./register/register-files.ts";
import { policyRoutes } from "./routes.ts";

/** The end of 20 November in China, where the story's exemption ends. */
const END = "2026-11-20T16:00:00.000Z";
const LAST_SECOND = "2026-11-20T15:59:59.000Z";

let story: Story;
let app: App;
let call: TestCall;
let author: Caller;
let security: Caller;
let tenancyId: string;
let purposes = 0;

beforeAll(async () => {
  story = await openStory();
  app = { ...story.app, policies: registeredPolicies() };
  await registerFiles(app, story.rules);
  call = apiOf(app, [...policyRoutes, ...exemptionRoutes, ...requestRoutes]);
  author = await story.callerWith([{ role: "provincial_operator" }]);
  security = await story.callerWith([{ role: "security_administrator" }]);
  const accountId = security.actor.accountId;
  if (accountId === null) throw new Error("no account");
  const grant = { accountId, role: "security_administrator", scopeKind: "province", scopeId: "" } as const;
  await app.db.withTx((tx) => tx.insert(roleGrants).values(grant));
  tenancyId = String((await submitted()).tenancyId);
  // What no cloud has shown is not judged by what was asked for.
  await story.reconcile(tenancyId);
});
afterAll(() => story.close());

function body() {
  purposes += 1;
  return { ...SMALL, purpose: `用途 ${purposes}` };
}

const submitted = async () => (await call(story.member, "POST /tenancy-requests", { body: body() })).body;

async function activate(yaml: string, version = 1): Promise<void> {
  const drafted = await call(author, "POST /policies", { body: { yaml } });
  const { id } = drafted.body.policy as { id: string };
  expect((await call(security, `POST /policies/${id}/versions/${version}/activate`)).status).toBe(200);
}

const wish = () => ({
  policyIds: ["never"],
  resources: { organizations: ["gd-guangzhou-health"] },
  category: "Waiver",
  reason: "改造在途",
  compensatingMeasure: "人工复核",
  evidence: [{ name: "会议纪要", sha256: "0".repeat(64) }],
  organizationId: "gd-guangzhou-health",
  approver: security.actor.accountId,
  expiresOn: "2026-11-20",
});

async function impactOf(yaml: string): Promise<ImpactLine[]> {
  const { text } = await call(author, "POST /policies/impact", { body: { yaml } });
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("the impact of a policy", () => {
  it("is told before it is activated: what would newly fail, by organization and cloud, with progress", async () => {
    const lines = await impactOf(policyYaml());
    expect(lines[0]).toMatchObject({ progress: { done: 0 } });
    expect(lines.at(-1)).toMatchObject({
      impact: {
        policyId: "never",
        affects: ["never"],
        resources: { judged: 1, newly_fails: 1, newly_needs_approval: 0, newly_passes: 0 },
        requests: { judged: 1, newly_fails: 1 },
        byOrganization: { "gd-guangzhou-health": { newly_fails: 2 } },
        byCloud: { guangzhou: { newly_fails: 2 } },
        cases: [{ kind: "tenancy", id: tenancyId }, { kind: "request" }],
      },
    });
    const asking = { action: "require-approval", approvers: "[{ role: approver, scope: cloud }]" };
    expect((await impactOf(policyYaml({ spec: asking }))).at(-1)).toMatchObject({
      impact: { resources: { newly_fails: 0, newly_needs_approval: 1 } },
    });
  });

  it("keeps nothing, and is told on the command line as well", async () => {
    expect((await call(author, "GET /policies/never/versions")).status).toBe(404);
    const printed: string[] = [];
    const options = { yaml: policyYaml(), pack: "local", requests: 10, json: false };
    expect(
      await runCommand(app, { name: "policy impact", options }, (line) => printed.push(line), story.clouds),
    ).toBe(0);
    expect(printed.join("\n")).toContain(`newly_fails tenancy ${tenancyId} never`);
  });

  it("of what cannot be activated is a problem", async () => {
    const answer = await call(author, "POST /policies/impact", { body: { yaml: "a: [" } });
    expect(answer.body).toMatchObject({ code: "policy.yaml_invalid" });
    expect((await call(story.member, "POST /policies/impact", { body: {} })).status).toBe(403);
  });
});

/** What the five ways say at this moment of the rule `never` and the story's department. */
async function five() {
  const dryRun = (await call(story.member, "POST /tenancy-requests/dry-run", { body: body() })).body;
  const admission = await submitted();
  const assessed = await findingsOfNever();
  const printed: string[] = [];
  await complianceCommand(app, { format: "json" }, (line) => printed.push(line));
  const { findings } = JSON.parse(printed.join("")) as {
    findings: { controlId: string; exemption: unknown; resource: { tenancyId: string | null } }[];
  };
  const reported = findings.filter(
    ({ controlId, resource }) => controlId === "never" && resource.tenancyId === tenancyId,
  );
  expect(reported.length).toBeGreaterThan(0);
  const explained: string[] = [];
  const options = { requestId: admission.id, json: true };
  await runCommand(app, { name: "policy explain", options }, (line) => explained.push(line), story.clouds);
  return {
    dryRun: allowed(dryRun),
    admission: allowed(admission),
    assessment: assessed.every(({ status }) => status === "exempted"),
    report: reported.every(({ exemption }) => exemption !== null),
    commandLine: JSON.parse(explained.join("\n")).decision.outcome !== "denied",
  };
}

/** Of the tenancy that its cloud shows, after everything was looked at once more. */
async function findingsOfNever() {
  await app.db.withTx((tx) => startAssessment(tx, app, { trigger: "schedule", reason: "story" }));
  await workOnAssessments(app);
  const found = await story.rows(sql`
    SELECT status FROM compliance_findings WHERE control_id = 'never' AND unit = ${`tenancy:${tenancyId}`}`);
  expect(found.length).toBeGreaterThan(0);
  return found;
}

function allowed({ decision }: Record<string, unknown>): boolean {
  return (decision as { outcome: string }).outcome === "allowed";
}

const ALL = (value: boolean) => ({
  dryRun: value,
  admission: value,
  assessment: value,
  report: value,
  commandLine: value,
});

describe("an exemption", () => {
  let id: unknown;

  it("is refused without an approver, beyond the longest time, and where it cannot be applied", async () => {
    const refused = async (change: object, caller = story.member) =>
      (await call(caller, "POST /exemptions", { body: { ...wish(), ...change } })).body.code;
    await activate(policyYaml());
    expect(await refused({ approver: undefined })).toBe("exemption.approver_missing");
    expect(await refused({ approver: author.actor.accountId })).toBe("exemption.approver_missing");
    expect(await refused({ organizationId: "gd-hrss" })).toBe("auth.forbidden");
    expect(await refused({}, security)).toBe("auth.self_approval");
    expect(await refused({ expiresOn: "2027-11-20" })).toBe("exemption.too_long");
    expect(await refused({ expiresOn: "2026-11-19" })).toBe("http.invalid_input");
    expect(await refused({ policyIds: ["ghost"] })).toBe("exemption.not_applicable");
    expect(await refused({ validations: ["ghost"] })).toBe("exemption.not_applicable");
    expect(await refused({ resources: { selector: "pool.zoen == ''" } })).toBe("exemption.not_applicable");
    expect(await refused({ resources: {} })).toBe("http.invalid_input");
  });

  it("excuses nothing before the person who was asked has approved it", async () => {
    const asked = await call(story.member, "POST /exemptions", { body: wish() });
    expect(asked).toMatchObject({ status: 201, body: { status: "requested", endsAt: END } });
    id = asked.body.id;
    expect(await five()).toEqual(ALL(false));
    const another = await story.callerWith([{ role: "security_administrator" }]);
    expect((await call(another, `POST /exemptions/${id}/approve`)).status).toBe(403);
    expect((await call(security, `POST /exemptions/${id}/approve`)).body).toMatchObject({
      status: "approved",
    });
  });

  it("is seen by those whom it concerns, and by nobody else", async () => {
    const stranger = await story.callerWith([{ role: "department_member", organization: "gd-hrss" }]);
    expect((await call(stranger, `GET /exemptions/${id}`)).status).toBe(404);
    const list = await call(story.member, "GET /exemptions?policyId=never&status=approved");
    expect(list.body.items).toMatchObject([{ id }]);
  });

  it("ends for admission, dry run, assessment, report and command line in the same second", async () => {
    story.clock.set(LAST_SECOND);
    expect(await five()).toEqual(ALL(true));
    story.clock.set(END);
    expect(await five()).toEqual(ALL(false));
    expect((await call(story.member, `GET /exemptions/${id}`)).body).toMatchObject({ status: "expired" });
  });

  it("is told of before its end, and once when it is over", async () => {
    const long = { ...wish(), expiresOn: "2026-12-31" };
    const asked = await call(story.member, "POST /exemptions", { body: long });
    await call(security, `POST /exemptions/${asked.body.id}/approve`);
    // Only the one that has ended has anything to tell yet.
    expect([await giveNotices(app), await giveNotices(app)]).toEqual([1, 0]);
    const given: number[] = [];
    for (const day of ["2026-12-03", "2026-12-04", "2026-12-26", "2026-12-31", "2027-01-01"]) {
      story.clock.set(`${day}T02:00:00.000Z`);
      given.push(await giveNotices(app));
    }
    expect(given).toEqual([1, 0, 1, 1, 1]);
    story.clock.set(END);
  });

  it("ends at once when it is given up", async () => {
    const asked = await call(story.member, "POST /exemptions", {
      body: { ...wish(), expiresOn: "2026-12-01" },
    });
    const path = `/exemptions/${asked.body.id}`;
    await call(security, `POST ${path}/approve`);
    expect((await submitted()).status).not.toBe("rejected");
    await call(story.member, `POST ${path}/revoke`, { body: { reason: "已整改" } });
    const other = { ...(await submitted()) };
    expect((await call(story.member, `POST ${path}/revoke`, { body: { reason: "x" } })).body).toMatchObject({
      code: "exemption.invalid_transition",
    });
    // The one until the end of the year excuses it still.
    expect(other.status).not.toBe("rejected");
  });
});

describe("an explanation", () => {
  it("shows facts, versions and values, and comes to the same verdict after the rules have changed", async () => {
    const before = await submitted();
    await activate(policyYaml({ version: 2, spec: { action: "warn" } }), 2);
    const { body: explained } = await call(author, `GET /tenancy-requests/${before.id}/explanation`);
    expect(explained).toMatchObject({ requestId: before.id, agrees: true });
    const versions = explained.policies as { id: string; version: number }[];
    expect(versions.find(({ id }) => id === "never")).toMatchObject({ version: 1 });
    const about = explained.about as { place: object | null; policies: { policyId: string }[] }[];
    const placed = about.find(({ place }) => place !== null);
    expect(placed).toMatchObject({ place: { cloudId: "guangzhou" }, facts: { cloud: { id: "guangzhou" } } });
    expect(placed?.policies.find(({ policyId }) => policyId === "never")).toMatchObject({
      version: 1,
      verdict: "fail",
      validations: [{ value: false, facts: { "request.purpose": expect.stringMatching(/^用途/) } }],
    });
    const after = await call(author, `GET /tenancy-requests/${(await submitted()).id}/explanation`);
    expect(after.body).toMatchObject({ agrees: true });
    const policies = after.body.policies as { id: string; version: number }[];
    expect(policies.find(({ id }) => id === "never")).toMatchObject({ version: 2 });
  });

  it("is there before anything is asked for", async () => {
    const { body: tried } = await call(story.member, "POST /tenancy-requests/explain", { body: body() });
    expect(tried).toMatchObject({
      outcome: "allowed",
      about: [{ subject: "request" }, { subject: "placement" }],
    });
  });

  it("of a denial shows the places that the rules have denied", async () => {
    await activate(policyYaml({ version: 3 }), 3);
    story.clock.set("2027-02-01T02:00:00.000Z");
    const denied = await submitted();
    expect(denied.status).toBe("rejected");
    const { body: explained } = await call(author, `GET /tenancy-requests/${denied.id}/explanation`);
    expect(explained).toMatchObject({ agrees: true, decision: { outcome: "denied" } });
    expect((explained.about as unknown[]).length).toBeGreaterThan(1);
  });

  it("is for those who may see the request", async () => {
    const stranger = await story.callerWith([{ role: "department_member", organization: "gd-hrss" }]);
    const { id } = await submitted();
    expect((await call(stranger, `GET /tenancy-requests/${id}/explanation`)).status).toBe(404);
    const wrong = "dec_019aa000-0000-7000-8000-000000000000";
    expect((await call(author, `GET /tenancy-requests/${id}/explanation?decision=${wrong}`)).status).toBe(
      404,
    );
  });
});
