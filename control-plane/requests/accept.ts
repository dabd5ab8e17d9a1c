import { defineVerb } from "../verb.ts";
import { step } from "./step.ts";
import { StepRequest } from "./wire.ts";

/** The operating body takes the request up (受理): the papers are complete. */
export const acceptRequest = defineVerb({
  name: "request.accept",
  permission: "request.handle",
  input: StepRequest,
  run: (tx, ctx, { id, opinion, ifMatch }) =>
    step(tx, ctx, { id, to: "accepted", action: "request.accept", reason: opinion, ifMatch }),
});
