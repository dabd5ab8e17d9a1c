import { defineVerb } from "../verb.ts";
import { step } from "./step.ts";
import { StepRequest } from "./wire.ts";

/** The technical opinion (审核) on the plan, before somebody approves it. */
export const reviewRequest = defineVerb({
  name: "request.review",
  permission: "request.handle",
  input: StepRequest,
  run: (tx, ctx, { id, opinion, ifMatch }) =>
    step(tx, ctx, { id, to: "reviewed", action: "request.review", reason: opinion, ifMatch }),
});
