import { fault } from "../kernel/fault.ts";
import { defineVerb } from "../verb.ts";
import { remark } from "./promise.ts";
import { lockSeen } from "./step.ts";
import { saveCommitment } from "./store.ts";
import { commitmentAudit, commitmentEvent, commitmentView } from "./view.ts";
import { CancelCommitment } from "./wire.ts";

/** Ends a commitment before its time; what its owner uses already stays in use. */
export const cancelCommitment = defineVerb({
  name: "commitment.cancel",
  permission: "commitment.write",
  input: CancelCommitment,
  async run(tx, ctx, { reason, ...input }) {
    const { row } = await lockSeen(tx, ctx, input);
    if (row.status === "expired") throw fault("commitment.invalid_transition", { status: row.status });
    const after = await saveCommitment(tx, row, { status: "expired", reason, endedAt: ctx.clock.now() });
    await remark(tx, after);
    return {
      result: commitmentView(after),
      audit: commitmentAudit("commitment.cancel", row, after),
      events: [commitmentEvent(after)],
    };
  },
});
