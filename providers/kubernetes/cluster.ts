import type { KubernetesConnection } from "./connection.ts";
import type { Session } from "./session.ts";

/** What every call of the adapter needs. */
export interface Cluster {
  readonly session: Session;
  readonly connection: KubernetesConnection;
}
