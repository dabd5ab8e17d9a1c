import { ProviderFault } from "../faults.ts";
import type { CallOptions } from "../port.ts";
import { type Client, clientOf, type Wiring } from "./client.ts";
import { openSession, type Session } from "./session.ts";
import { ensureTenantUser, tenantSignIn } from "./tenant.ts";
import type { WireProject } from "./wire.ts";

/** A token is small, but a province has thousands of projects. */
const KEPT_MAX = 500;

/** Sessions of the tenancies' users, by project. */
export function tenantSessions(wiring: Wiring) {
  const kept = new Map<string, Session>();
  return {
    clients:
      (admin: Client, options: CallOptions | undefined) =>
      (project: WireProject): Client =>
        clientOf(wiring, keptOrOpened(kept, wiring, admin, project), options),
  };
}

function keptOrOpened(
  kept: Map<string, Session>,
  wiring: Wiring,
  admin: Client,
  project: WireProject,
): Session {
  const known = kept.get(project.id);
  kept.delete(project.id);
  const session =
    known ??
    openSession(wiring.transport, wiring.connection.authUrl, tenantSignIn(wiring.connection, project));
  kept.set(project.id, session);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  return {
    forget: (token) => session.forget(token),
    async token(signal) {
      try {
        return await session.token(signal);
      } catch (error) {
        if (!(error instanceof ProviderFault) || error.kind !== "Denied") throw error;
      }
      // No such user yet, without its role, or with a password from before our credential was changed.
      await ensureTenantUser(admin, wiring.connection, project);
      return session.token(signal);
    },
  };
}
