import { pageSchema } from "../http/page.ts";
import { type ApiRoute, queryRoute } from "../http/route.ts";
import { getOrganization } from "./get-organization.ts";
import { getSystem } from "./get-system.ts";
import { listOrganizations } from "./list-organizations.ts";
import { listSystems } from "./list-systems.ts";
import { ListOrganizations, ListSystems, Organization, System } from "./wire.ts";

export const organizationRoutes: readonly ApiRoute[] = [
  queryRoute(
    {
      method: "get",
      path: "/organizations",
      summary: { zh: "列出组织机构", en: "List organizations" },
      query: ListOrganizations,
      status: 200,
      response: pageSchema(Organization),
    },
    listOrganizations,
  ),
  queryRoute(
    {
      method: "get",
      path: "/organizations/{id}",
      summary: { zh: "查看一个组织机构", en: "Get one organization" },
      status: 200,
      response: Organization,
    },
    getOrganization,
    (body) => ({ body, generation: body.generation }),
  ),
  queryRoute(
    {
      method: "get",
      path: "/systems",
      summary: { zh: "列出业务系统", en: "List application systems" },
      query: ListSystems,
      status: 200,
      response: pageSchema(System),
    },
    listSystems,
  ),
  queryRoute(
    {
      method: "get",
      path: "/systems/{id}",
      summary: { zh: "查看一个业务系统", en: "Get one application system" },
      status: 200,
      response: System,
    },
    getSystem,
    (body) => ({ body, generation: body.generation }),
  ),
];
