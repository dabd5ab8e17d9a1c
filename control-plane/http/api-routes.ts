import { auditRoutes } from "../audit/routes.ts";
import { cloudRoutes } from "../clouds/routes.ts";
import { eventRoutes } from "../events/routes.ts";
import { operationRoutes } from "../operations/routes.ts";
import { organizationRoutes } from "../organizations/routes.ts";
import { policyRoutes } from "../policy/routes.ts";
import { quotaRoutes } from "../quota/routes.ts";
import { reportRoutes } from "../reports/routes.ts";
import { requestRoutes } from "../requests/routes.ts";
import { tenancyRoutes } from "../tenancies/routes.ts";
import { tokenRoutes } from "../tokens/routes.ts";
import type { ApiRoute } from "./route.ts";

/** Every route below `/api/v1`; a verb that stands in none of them is not reachable. */
export const API_ROUTES: readonly ApiRoute[] = [
  ...auditRoutes,
  ...cloudRoutes,
  ...eventRoutes,
  ...operationRoutes,
  ...organizationRoutes,
  ...policyRoutes,
  ...quotaRoutes,
  ...reportRoutes,
  ...requestRoutes,
  ...tenancyRoutes,
  ...tokenRoutes,
];

/** The methods that an address takes; empty where there is no such address. */
export function methodsAt(path: string): string[] {
  const here = API_ROUTES.filter((route) => patternOf(route.path).test(path));
  return [...new Set(here.map((route) => route.method.toUpperCase()))];
}

function patternOf(path: string): RegExp {
  return new RegExp(`^/api/v1${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}
