import { defineVerb } from "../verb.ts";
import { takeStep } from "./take-step.ts";
import { TakeStep } from "./wire.ts";

/** Work on it has begun. */
export const remediateFinding = defineVerb({
  name: "compliance_finding.remediate",
  permission: "compliance.handle",
  input: TakeStep,
  run: (tx, ctx, input) => takeStep(tx, ctx, input, "in_remediation"),
});
