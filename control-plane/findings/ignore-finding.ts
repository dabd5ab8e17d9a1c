import { defineVerb } from "../verb.ts";
import { decide } from "./decide.ts";
import { DecideFinding } from "./wire.ts";

/** The object may stay where it is; the finding stays known and is no longer open. */
export const ignoreFinding = defineVerb({
  name: "finding.ignore",
  permission: "finding.decide",
  input: DecideFinding,
  run: (tx, ctx, input) => decide(tx, ctx, input, "ignore"),
});
