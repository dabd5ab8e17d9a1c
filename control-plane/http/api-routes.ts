import { auditRoutes } from "../audit/routes.ts";
import { cloudRoutes } from "../clouds/routes.ts";
import { commitmentRoutes } from "../commitments/routes.ts";
import { complianceRoutes } from "../compliance/routes.ts";
import { credentialRoutes } from "../credentials/routes.ts";
import { eventRoutes } from "../events/routes.ts";
import { findingRoutes } from "../findings/routes.ts";
import { operationRoutes } from "../operations/routes.ts";
import { organizationRoutes } from "../organizations/routes.ts";
import { overLimitRoutes } from "../over-limits/routes.ts";
import { exemptionRoutes } from "../policy/exemptions/routes.ts";
import { policyRoutes } from "../policy/routes.ts";
import { quotaRoutes } from "../quota/routes.ts";
import { reportRoutes } from "../reports/routes.ts";
import { requestRoutes } from "../requests/routes.ts";
import { syncRoutes } from "../sync/routes.ts";
import { tenancyRoutes } from "../tenancies/routes.ts";
import { tokenRoutes } from "../tokens/routes.ts";
import type { ApiRoute } from "./route.ts";

/** Every route below `/api/v1`; a verb that stands in none of them is not reachable. */
export const API_ROUTES: readonly ApiRoute[] = [
  ...auditRoutes,
  ...cloudRoutes,
  ...credentialRoutes,
  ...commitmentRoutes,
  ...complianceRoutes,
  ...eventRoutes,
  ...exemptionRoutes,
  ...findingRoutes,
  ...operationRoutes,
  ...organizationRoutes,
  ...overLimitRoutes,
  ...policyRoutes,
  ...quotaRoutes,
  ...reportRoutes,
  ...requestRoutes,
  ...syncRoutes,
  ...tenancyRoutes,
  ...tokenRoutes,
];
