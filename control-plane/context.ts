import type { Logger } from "pino";
import type { RoleName } from "./authz/roles.ts";
import type { Grant, Scope } from "./authz/scope.ts";
import type { Config } from "./config.ts";
import type { Connect } from "./credentials/connect.ts";
import type { Database } from "./db/tx.ts";
import type { EventFeed } from "./events/feed.ts";
import type { Queue } from "./jobs/queue.ts";
import type { Clock } from "./kernel/clock.ts";
import type { AccountId, Ids, OrganizationId } from "./kernel/ids.ts";
import type { Policies } from "./policy/policies.ts";

export interface Actor {
  /** Null for the system itself: a schedule, a reconcile loop, the first start. */
  readonly accountId: AccountId | null;
  readonly name: string;
  readonly organizationId: OrganizationId | null;
  readonly grants: readonly Grant[];
}

/** What the whole process shares; made once in `main.ts`. */
export interface App {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly queue: Queue;
  readonly policies: Policies;
  /** Only where the API is served. */
  readonly eventFeed?: EventFeed;
  /** Only where clouds can be reached. */
  readonly connect?: Connect;
}

/** Who asks, and when: handed to every verb. */
export interface Caller {
  readonly actor: Actor;
  readonly requestId: string;
  readonly sourceAddress: string | null;
  /** The object that the request's address names: what a refusal was about. */
  readonly addressed?: string;
}

/** The caller, with what a verb may use; `scope` is where the caller holds the verb's permission. */
export interface Ctx extends Caller {
  readonly scope: Scope;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly queue: Queue;
  readonly policies: Policies;
  readonly config: Config;
  readonly connect?: Connect;
}

export function rolesOf(actor: Actor): RoleName[] {
  return [...new Set(actor.grants.map((grant) => grant.role))];
}
