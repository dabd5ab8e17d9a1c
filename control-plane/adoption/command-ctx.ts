import type { Grant } from "../authz/scope.ts";
import type { App, Ctx } from "../context.ts";
import { authorise } from "../verb.ts";

/** Whoever can start the program on the server holds the database anyway; the log says it was the system. */
export function commandCtx(app: App, requestId: string): Promise<Ctx> {
  const everywhere: Grant = {
    role: "system_administrator",
    scopeKind: "province",
    scopeId: "",
    organizationPath: "",
  };
  const actor = { accountId: null, name: "system", organizationId: null, grants: [everywhere] };
  const verb = { name: "province.apply", permission: "province.apply", effect: "write" } as const;
  return authorise(app, { actor, requestId, sourceAddress: null }, verb);
}
