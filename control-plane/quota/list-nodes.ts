import { afterOf, pageOf } from "../http/page.ts";
import { openCases } from "../over-limits/store.ts";
import { defineQuery } from "../verb.ts";
import { quotaOf } from "./node-figures.ts";
import { childrenOf, listNodes, usageOf } from "./rows.ts";
import { readLinks } from "./store.ts";
import { chainOf } from "./tree.ts";
import { ListQuotas } from "./wire.ts";

/** The part of the quota tree that the caller may see; by id, which is parents before children. */
export const listQuotas = defineQuery({
  name: "quota.list",
  permission: "quota.read",
  input: ListQuotas,
  async run(tx, ctx, { limit, cursor, ...filters }) {
    const nodes = await listNodes(tx, ctx.scope, filters, afterOf(cursor), limit);
    const ids = nodes.map(({ id }) => id);
    const links = await readLinks(tx, ids);
    const usage = await usageOf(tx, ids);
    const children = await childrenOf(tx, ctx.scope, ids);
    const cases = await openCases(tx, { nodeIds: ids });
    return pageOf(
      nodes,
      limit,
      ({ id }) => id,
      (node) =>
        quotaOf(node, chainOf(links, node.id), {
          usage: usage.get(node.id) ?? [],
          childIds: children.get(node.id) ?? [],
          cases: cases.filter(({ nodeId }) => nodeId === node.id),
        }),
    );
  },
});
