import { decorate } from "../../providers/decorate.ts";
import { ProviderFault } from "../../providers/faults.ts";
import type { CloudProvider } from "../../providers/port.ts";
import { type CloudAddress, findConnection, isEmulated } from "../clouds/store.ts";
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

/** What connecting needs to know of the kinds. */
export interface ConnectKinds {
  readonly openProvider: OpenProvider;
  /** How an adapter of a kind enters a cloud of this name that a simulator runs. */
  readonly emulatedConnection: (
    kind: string,
    simulator: Simulator,
    cloudId: string,
  ) => Readonly<Record<string, unknown>>;
}

/** A server of emulated clouds. */
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

/** Emulated clouds are reached where the simulator runs; every other connection is what the province says. */
export function connecting(kinds: ConnectKinds, simulator: Simulator | null): Connect {
  return (cloud, credential) =>
    kinds.openProvider(cloud.providerKind, { ...addressOf(cloud, kinds, simulator), ...credential });
}

function addressOf(
  cloud: CloudAddress,
  { emulatedConnection }: ConnectKinds,
  simulator: Simulator | null,
): Record<string, unknown> {
  if (!isEmulated(cloud)) return cloud.connection;
  const { emulated: _, ...said } = cloud.connection;
  if (simulator !== null) return { ...emulatedConnection(cloud.providerKind, simulator, cloud.id), ...said };
  // A simulated cloud elsewhere, whose token is its credential.
  if ("url" in said) return { cloud: cloud.id, ...said };
  throw new ProviderFault("Invalid", "no emulated clouds run: set SIMULATOR_URL");
}
