import { lookSoon } from "../sync/look-soon.ts";
import { defineVerb } from "../verb.ts";
import { decide } from "./decide.ts";
import { DecideFinding } from "./wire.ts";

/** Has an orphan removed at its cloud, which the next looks carry out; nothing is removed without this. */
export const removeFinding = defineVerb({
  name: "finding.remove",
  permission: "finding.decide",
  input: DecideFinding,
  async run(tx, ctx, input) {
    const outcome = await decide(tx, ctx, input, "remove");
    await lookSoon(tx, outcome.row.cloudId);
    return outcome;
  },
});
