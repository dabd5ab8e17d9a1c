import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import { listOrganizations as listRows } from "./rows.ts";
import { ListOrganizations, organizationOf } from "./wire.ts";

/** The tree of public bodies, for everybody with an account; by id. */
export const listOrganizations = defineQuery({
  name: "organization.list",
  permission: "organization.read",
  input: ListOrganizations,
  async run(tx, _ctx, { limit, cursor, ...filters }) {
    const rows = await listRows(tx, filters, afterOf(cursor), limit);
    return pageOf(rows, limit, ({ id }) => id, organizationOf);
  },
});
