import { requestRoutes } from "../requests/routes.ts";
import type { ApiRoute } from "./route.ts";

/** Every route below `/api/v1`; a verb that stands in none of them is not reachable. */
export const API_ROUTES: readonly ApiRoute[] = [...requestRoutes];
