import { fault } from "../../kernel/fault.ts";
import { defineQuery } from "../../verb.ts";
import { versionsOf } from "./store.ts";
import { versionView } from "./view.ts";
import { ListVersions, OneVersion } from "./wire.ts";

/** Every version of a policy, newest first: drafts, what is to come, what decides, and what has decided. */
export const listPolicyVersions = defineQuery({
  name: "policy.list-versions",
  permission: "policy.read",
  input: ListVersions,
  async run(tx, ctx, { id }) {
    const all = await versionsOf(tx, id);
    if (all.length === 0) throw fault("http.not_found");
    return { items: all.map((row) => versionView(row, all, ctx.clock.now())) };
  },
});

export const getPolicyVersion = defineQuery({
  name: "policy.get-version",
  permission: "policy.read",
  input: OneVersion,
  async run(tx, ctx, { id, version }) {
    const all = await versionsOf(tx, id);
    const row = all.find((one) => one.version === version);
    if (row === undefined) throw fault("http.not_found");
    return versionView(row, all, ctx.clock.now());
  },
});
