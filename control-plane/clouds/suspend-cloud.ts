import { defineVerb } from "../verb.ts";
import { changeStatus } from "./change-status.ts";
import { ChangeStatus } from "./wire.ts";

/** Nothing new is placed on a suspended cloud; what runs there goes on. */
export const suspendCloud = defineVerb({
  name: "cloud.suspend",
  permission: "cloud.operate",
  input: ChangeStatus,
  run: (tx, ctx, input) => changeStatus(tx, ctx, input, "suspended"),
});
