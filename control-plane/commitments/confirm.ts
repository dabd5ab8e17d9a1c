import { chinaDate } from "../kernel/calendar.ts";
import { fault } from "../kernel/fault.ts";
import { defineVerb } from "../verb.ts";
import { boundStatus, remark } from "./promise.ts";
import { lockSeen } from "./step.ts";
import { saveCommitment } from "./store.ts";
import { commitmentAudit, commitmentEvent, commitmentView } from "./view.ts";
import { StepCommitment } from "./wire.ts";

/** Sets the capacity aside before its day, or as soon as there is room for one that waits for it. */
export const confirmCommitment = defineVerb({
  name: "commitment.confirm",
  permission: "commitment.write",
  input: StepCommitment,
  async run(tx, ctx, input) {
    const { row, noRoom } = await lockSeen(tx, ctx, input);
    const { status } = row;
    const today = chinaDate(ctx.clock.now());
    if ((status !== "planned" && status !== "pending") || row.expiresAt <= today) {
      throw fault("commitment.invalid_transition", { status, possible: ["planned", "pending"] });
    }
    if (noRoom !== null) throw fault("commitment.no_room", { ...noRoom });
    const now = ctx.clock.now();
    const change = { status: boundStatus(row, today), confirmedAt: now };
    const after = await saveCommitment(tx, row, change);
    await remark(tx, after);
    return {
      result: commitmentView(after),
      audit: commitmentAudit("commitment.confirm", row, after),
      events: [commitmentEvent(after)],
    };
  },
});
