import { defineVerb } from "../verb.ts";
import { takeStep } from "./take-step.ts";
import { TakeStep } from "./wire.ts";

/** Somebody has read it and answers for it. */
export const acknowledgeFinding = defineVerb({
  name: "compliance_finding.acknowledge",
  permission: "compliance.handle",
  input: TakeStep,
  run: (tx, ctx, input) => takeStep(tx, ctx, input, "acknowledged"),
});
