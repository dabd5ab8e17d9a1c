import type { Logger } from "pino";
import { decorate } from "../../providers/decorate.ts";
import { ProviderFault } from "../../providers/faults.ts";
import type { CloudProvider } from "../../providers/port.ts";
import { findConnection } from "../clouds/store.ts";
import type { Database } from "../db/tx.ts";
import type { Metrics } from "../http/metrics.ts";
import type { CloudId } from "../kernel/ids.ts";
import type { Clouds } from "../provisioning/clouds.ts";

/** Opens an adapter by kind; handed in by `main.ts`, the only file that knows the kinds. */
export type OpenProvider = (kind: string, connection: unknown) => CloudProvider;

export interface Simulator {
  readonly url: string;
  readonly token: string;
}

interface CloudsOptions {
  readonly db: Database;
  readonly openProvider: OpenProvider;
  /** Where simulated clouds are; null where there are none. */
  readonly simulator: Simulator | null;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** One decorated adapter per cloud, kept as long as the connection stays the same: it holds the circuit breaker. */
export function openClouds({ db, openProvider, simulator, metrics, log }: CloudsOptions): Clouds {
  const opened = new Map<CloudId, { key: string; provider: CloudProvider }>();
  return {
    async open(cloudId) {
      const cloud = await db.withTx((tx) => findConnection(tx, cloudId));
      if (cloud === undefined) throw new ProviderFault("Invalid", `there is no cloud ${cloudId}`);
      const connection = connectionOf(cloud, simulator);
      const key = JSON.stringify([cloud.providerKind, connection]);
      const known = opened.get(cloudId);
      if (known?.key === key) return known.provider;
      const provider = decorate(openProvider(cloud.providerKind, connection), {
        cloudId,
        onCall: ({ method, outcome, durationMs, requestId, attempts, fault }) => {
          metrics.providerCalls.observe({ cloud: cloudId, method, outcome }, durationMs / 1000);
          const line = { cloudId, method, outcome, durationMs: Math.round(durationMs), attempts, requestId };
          if (outcome === "ok" || outcome === "NotFound") log.debug(line, "provider call");
          else log.warn({ ...line, err: fault }, "provider call");
        },
        onCircuit: (event) => log.warn(event, "circuit"),
      });
      opened.set(cloudId, { key, provider });
      return provider;
    },
  };
}

/** Simulated clouds are reached where the simulator runs; every other connection is what the province says. */
function connectionOf(
  cloud: { id: CloudId; providerKind: string; connection: Record<string, unknown> },
  simulator: Simulator | null,
): unknown {
  if (cloud.providerKind !== "simulated") return cloud.connection;
  if (simulator === null) throw new ProviderFault("Invalid", "no simulated clouds run: set SIMULATOR_URL");
  return { ...simulator, cloud: cloud.id, ...cloud.connection };
}
