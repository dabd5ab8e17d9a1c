import { defineQuery } from "../verb.ts";
import { getOrganizationRow } from "./rows.ts";
import { GetOrganization, organizationOf } from "./wire.ts";

export const getOrganization = defineQuery({
  name: "organization.get",
  permission: "organization.read",
  input: GetOrganization,
  run: async (tx, _ctx, { id }) => organizationOf(await getOrganizationRow(tx, id)),
});
