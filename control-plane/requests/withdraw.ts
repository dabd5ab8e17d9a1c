import { defineVerb } from "../verb.ts";
import { step } from "./step.ts";
import { WithdrawRequest } from "./wire.ts";

/** The department takes its request back; what was held is free again. */
export const withdrawRequest = defineVerb({
  name: "request.withdraw",
  permission: "request.submit",
  input: WithdrawRequest,
  run: (tx, ctx, { id, reason, ifMatch }) =>
    step(tx, ctx, { id, to: "withdrawn", action: "request.withdraw", reason, ifMatch, releases: true }),
});
