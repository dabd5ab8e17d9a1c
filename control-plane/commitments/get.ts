import { defineQuery } from "../verb.ts";
import { getInScope } from "./store.ts";
import { commitmentView } from "./view.ts";
import { OneCommitment } from "./wire.ts";

export const getCommitment = defineQuery({
  name: "commitment.get",
  permission: "commitment.read",
  input: OneCommitment,
  async run(tx, ctx, { id }) {
    return commitmentView(await getInScope(tx, ctx.scope, id));
  },
});
