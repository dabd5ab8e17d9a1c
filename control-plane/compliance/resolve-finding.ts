import { defineVerb } from "../verb.ts";
import { takeStep } from "./take-step.ts";
import { TakeStep } from "./wire.ts";

/** Closed by a person. The next assessment opens it again where it is still there. */
export const resolveFinding = defineVerb({
  name: "compliance_finding.resolve",
  permission: "compliance.close",
  input: TakeStep,
  run: (tx, ctx, input) => takeStep(tx, ctx, input, "resolved"),
});
