import { type ApiRoute, queryRoute } from "../http/route.ts";
import { getSync } from "./get-sync.ts";
import { CloudSync } from "./wire.ts";

export const syncRoutes: readonly ApiRoute[] = [
  queryRoute(
    {
      method: "get",
      path: "/clouds/{id}/sync",
      summary: { zh: "查看云的同步情况与容量差异", en: "When a cloud was looked through, and what differs" },
      status: 200,
      response: CloudSync,
    },
    getSync,
  ),
];
