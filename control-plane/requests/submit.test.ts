import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Fault, isFault } from "../kernel/fault.ts";
import { openStory, SMALL, type Story } from "../provisioning/provisioning.fixture.ts";
import { perform, runQuery } from "../verb.ts";
import { dryRunRequest } from "./dry-run.ts";
import { withdrawRequest } from "./withdraw.ts";

let story: Story;
beforeEach(async () => {
  story = await openStory();
});
afterEach(() => story.close());

const LARGE = { ...SMALL, resources: { VCPU: 20, MEMORY_GIB: 40, BLOCK_STORAGE_GIB: 100 } };
const tried = (body: unknown) => runQuery(story.app, story.member, dryRunRequest, { body });
const rulesOf = ({ decision }: Awaited<ReturnType<typeof tried>>) =>
  decision.violations.map(({ ruleId }) => ruleId);

async function refusal(attempt: Promise<unknown>): Promise<Fault> {
  const error = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isFault(error)) throw error ?? new Error("was not refused");
  return error;
}

describe("a denial", () => {
  it("names the basis and the version of a rule that kept every pool away", async () => {
    const answer = await tried({ ...SMALL, network: { zones: ["extranet"], internetExposed: true } });
    const rule = story.rules.byId.get("internet-exposure")?.document;
    expect(answer.decision.violations).toContainEqual(
      expect.objectContaining({
        policyId: "internet-exposure",
        policyVersion: rule?.metadata.version,
        ruleId: "P6",
        basis: rule?.spec.basis,
        actual: ["extranet"],
        required: ["internet"],
      }),
    );
  });

  it("by a rule about the request also says what the best place would need", async () => {
    // Refused by no rule, but on a pool of another level.
    expect(rulesOf(await tried(SMALL))).toEqual(["P4"]);
    const term = { start: "2026-12-01", end: "2036-12-01" };
    expect(rulesOf(await tried({ ...SMALL, term }))).toEqual(["Q2", "Q3", "P4"]);
  });
});

describe("a dry run", () => {
  it("answers with the status that the submission gets", async () => {
    for (const body of [SMALL, LARGE, { ...LARGE, resources: { ...LARGE.resources, VCPU: 1_000_000 } }]) {
      const { status, decision, plan, planHash } = await tried(body);
      const name = `系统${status}`;
      const submitted = await story.submit({ ...body, system: { ...body.system, name } });
      expect(submitted).toMatchObject({ status, decision: { violations: decision.violations } });
      expect(submitted.plan?.parts).toEqual(plan?.parts);
      expect(submitted.planHash === null).toBe(planHash === null);
    }
  });

  it("meets what waits already, as the submission does", async () => {
    const request = await story.submit(LARGE);
    expect(await refusal(tried(LARGE))).toMatchObject({
      code: "request.duplicate",
      details: { id: request.id },
    });
    await perform(story.app, story.member, withdrawRequest, { id: request.id });
    expect(await tried(LARGE)).toMatchObject({ status: "submitted" });
  });

  it("of a change says where the tenancy stands in the way", async () => {
    const { tenancyId } = await story.submit(SMALL);
    const resize = { kind: "resize", tenancyId, resources: SMALL.resources };
    expect(await refusal(tried(resize))).toMatchObject({ code: "tenancy.invalid_transition" });
    expect((await tried({ kind: "release", tenancyId, dataExport: "not_needed" })).plan).toMatchObject({
      resources: {},
      parts: [{ role: "primary", amounts: {}, before: SMALL.resources }],
      price: { monthlyFen: 0 },
    });
  });
});
