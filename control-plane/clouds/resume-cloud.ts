import { defineVerb } from "../verb.ts";
import { changeStatus } from "./change-status.ts";
import { ChangeStatus } from "./wire.ts";

export const resumeCloud = defineVerb({
  name: "cloud.resume",
  permission: "cloud.operate",
  input: ChangeStatus,
  run: (tx, ctx, input) => changeStatus(tx, ctx, input, "active"),
});
