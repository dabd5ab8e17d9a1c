import { openCases } from "../over-limits/store.ts";
import { defineQuery } from "../verb.ts";
import { quotaOf } from "./node-figures.ts";
import { childrenOf, getNodeInScope, usageOf } from "./rows.ts";
import { readLinks } from "./store.ts";
import { chainOf } from "./tree.ts";
import { GetQuota } from "./wire.ts";

export const getQuota = defineQuery({
  name: "quota.get",
  permission: "quota.read",
  input: GetQuota,
  async run(tx, ctx, { nodeId }) {
    const { node } = await getNodeInScope(tx, ctx.scope, nodeId);
    const links = await readLinks(tx, [node.id]);
    const usage = await usageOf(tx, [node.id]);
    const children = await childrenOf(tx, ctx.scope, [node.id]);
    return quotaOf(node, chainOf(links, node.id), {
      usage: usage.get(node.id) ?? [],
      childIds: children.get(node.id) ?? [],
      cases: await openCases(tx, { nodeIds: [node.id] }),
    });
  },
});
