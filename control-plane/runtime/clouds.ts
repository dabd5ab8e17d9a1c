import { decorate } from "../../providers/decorate.ts";
import { ProviderFault } from "../../providers/faults.ts";
import type { CloudProvider } from "../../providers/port.ts";
import { type CloudAddress, findConnection } from "../clouds/store.ts";
import type { App } from "../context.ts";
import type { Connect } from "../credentials/connect.ts";
import { readKeyRing } from "../credentials/key-ring.ts";
import { type CredentialRow, findCredential } from "../credentials/store.ts";
import { useCredential } from "../credentials/use-credential.ts";
import type { Credential } from "../credentials/wire.ts";
import type { Metrics } from "../http/metrics.ts";
import type { CloudId } from "../kernel/ids.ts";
import type { Clouds } from "../provisioning/clouds.ts";
import { systemCaller } from "../provisioning/settle.ts";

/** Opens an adapter by kind; handed in by `main.ts`, the only file that knows the kinds. */
export type OpenProvider = (kind: string, connection: unknown) => Promise<CloudProvider>;

export interface Simulator {
  readonly url: string;
  readonly token: string;
}

interface CloudsOptions {
  readonly app: App;
  readonly connect: Connect;
  readonly metrics: Metrics;
}

/** One decorated adapter per cloud, kept as long as its connection stays the same: it holds the circuit breaker. */
export function openClouds({ app, connect, metrics }: CloudsOptions): Clouds {
  const { db, log } = app;
  const opened = new Map<CloudId, { key: string; provider: CloudProvider }>();
  return {
    async open(cloudId) {
      const { cloud, credential } = await db.withTx(async (tx) => ({
        cloud: await findConnection(tx, cloudId),
        credential: await findCredential(tx, cloudId),
      }));
      if (cloud === undefined) throw new ProviderFault("Invalid", `there is no cloud ${cloudId}`);
      const key = JSON.stringify([cloud.providerKind, cloud.connection, credential?.generation]);
      const known = opened.get(cloudId);
      if (known?.key === key) return known.provider;
      const secret = credential === undefined ? {} : await take(app, credential);
      const provider = decorate(await connect(cloud, secret), {
        cloudId,
        onCall: ({ method, outcome, durationMs, requestId, attempts, fault }) => {
          metrics.providerCalls.observe({ cloud: cloudId, method, outcome }, durationMs / 1000);
          const line = { cloudId, method, outcome, durationMs: Math.round(durationMs), attempts, requestId };
          if (outcome === "ok" || outcome === "NotFound") log.debug(line, "provider call");
          else log.warn({ ...line, ...vendorOf(fault), err: fault }, "provider call");
        },
        onCircuit: ({ circuit }) => {
          metrics.circuits.set({ cloud: cloudId }, CIRCUIT_LEVELS[circuit]);
          log.warn({ cloudId, circuit }, "circuit");
        },
      });
      metrics.circuits.set({ cloud: cloudId }, CIRCUIT_LEVELS.closed);
      opened.set(cloudId, { key, provider });
      return provider;
    },
  };
}

const CIRCUIT_LEVELS = { closed: 0, "half-open": 1, open: 2 } as const;

/** What the cloud itself says of a call that failed: for whoever asks its operators about it. */
function vendorOf(fault: unknown) {
  if (!(fault instanceof ProviderFault)) return {};
  const { vendorCode, vendorRequestId } = fault;
  return { vendorCode, vendorRequestId };
}

async function take(app: App, row: CredentialRow): Promise<Credential> {
  const ring = await readKeyRing(app.config);
  const ctx = { ...systemCaller(`connect ${row.cloudId}`), clock: app.clock, ids: app.ids };
  return app.db.withTx((tx) => useCredential(tx, ctx, ring, row, "connect"));
}

/** Simulated clouds are reached where the simulator runs; every other connection is what the province says. */
export function connecting(openProvider: OpenProvider, simulator: Simulator | null): Connect {
  return (cloud, credential) =>
    openProvider(cloud.providerKind, { ...addressOf(cloud, simulator), ...credential });
}

function addressOf(cloud: CloudAddress, simulator: Simulator | null): Record<string, unknown> {
  if (cloud.providerKind !== "simulated") return cloud.connection;
  if (simulator !== null) return { ...simulator, cloud: cloud.id, ...cloud.connection };
  if ("url" in cloud.connection) return { cloud: cloud.id, ...cloud.connection };
  throw new ProviderFault("Invalid", "no simulated clouds run: set SIMULATOR_URL");
}
