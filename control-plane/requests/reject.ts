import { defineVerb } from "../verb.ts";
import { step } from "./step.ts";
import { RefuseRequest } from "./wire.ts";

/** Refuses with a reason, at any step before the approval; what was held is free again. */
export const rejectRequest = defineVerb({
  name: "request.reject",
  permission: "request.reject",
  input: RefuseRequest,
  run: (tx, ctx, { id, reason, ifMatch }) =>
    step(tx, ctx, { id, to: "rejected", action: "request.reject", reason, ifMatch, releases: true }),
});
