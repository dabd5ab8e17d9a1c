import { eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { brokenInvariants } from "../../tests/support/invariants.ts";
import { inventories } from "../db/schema/topology.ts";
import { openStory, SMALL, type Story } from "../provisioning/provisioning.fixture.ts";
import { runVerb } from "../verb.ts";
import { submitRequest } from "./submit.ts";

let story: Story;
beforeEach(async () => {
  story = await openStory();
});
afterEach(() => story.close());

const LARGE = { ...SMALL, resources: { VCPU: 20, MEMORY_GIB: 40, BLOCK_STORAGE_GIB: 100 } };

/** How each of several submissions of one moment ended: a status, or a code. */
async function endings(bodies: readonly Record<string, unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(bodies.map((body) => story.submit(body)));
  return settled.map((one) => (one.status === "fulfilled" ? one.value.status : String(one.reason.code)));
}

describe("submissions of one moment", () => {
  it("have each an answer of their own, whatever becomes of the others", async () => {
    const purposes = ["一", "二", "三"].map((purpose) => ({ ...SMALL, purpose }));
    const tooMuch = { ...LARGE, resources: { ...LARGE.resources, VCPU: 1_000_000 } };
    const unknown = { ...SMALL, organizationId: "nobody" };
    expect(await endings([...purposes, LARGE, unknown, tooMuch, LARGE])).toEqual([
      "provisioning",
      "provisioning",
      "provisioning",
      "submitted",
      "organization.unknown",
      "rejected",
      "request.duplicate",
    ]);
    expect(await brokenInvariants(story.app.db)).toEqual([]);
  });

  it("never get more than there is", async () => {
    await story.app.db.withTx((tx) =>
      tx.update(inventories).set({ total: 40, reserved: 10 }).where(eq(inventories.resourceClass, "VCPU")),
    );
    const bodies = Array.from({ length: 12 }, (_, index) => ({ ...SMALL, purpose: `用途 ${index}` }));
    const statuses = await endings(bodies);
    expect(new Set(statuses)).toEqual(new Set(["provisioning", "rejected"]));
    expect(await brokenInvariants(story.app.db)).toEqual([]);
  });

  it("under one key are one submission", async () => {
    const { accountId } = story.member.actor;
    if (accountId === null) throw new Error("the member has an account");
    const once = { accountId, key: "the same", call: "POST /api/v1/tenancy-requests" };
    const respond = ({ id }: { id: string }) => ({ status: 202, body: JSON.stringify({ id }), headers: {} });
    const submit = () => runVerb(story.app, story.member, submitRequest, { body: SMALL }, { once, respond });
    const answers = await Promise.all([submit(), submit(), submit()]);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(await brokenInvariants(story.app.db)).toEqual([]);
  });
});
