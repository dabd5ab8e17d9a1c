import { defineQuery } from "../verb.ts";
import { quotaOf } from "./node-figures.ts";
import { childrenOf, getNodeInScope, readLinks, usageOf } from "./rows.ts";
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
    return quotaOf(node, chainOf(links, node.id), usage.get(node.id) ?? [], children.get(node.id) ?? []);
  },
});
