import { defineQuery } from "../verb.ts";
import { getInScope } from "./rows.ts";
import { OneOperation, operationView } from "./wire.ts";

export const getOperation = defineQuery({
  name: "operation.get",
  permission: "operation.read",
  input: OneOperation,
  async run(tx, ctx, { id }) {
    return operationView(await getInScope(tx, ctx.scope, id), ctx.clock.now());
  },
});
