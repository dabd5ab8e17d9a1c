import { join } from "node:path";
import { signingKeyFile } from "../audit/key-file.ts";
import { loadSigningKey } from "../audit/signing-key.ts";
import type { Config } from "../config.ts";
import type { App } from "../context.ts";
import { readKeyRing } from "../credentials/key-ring.ts";
import { openEventFeed } from "../events/feed.ts";
import { httpApp } from "../http/app.ts";
import { openMetrics } from "../http/metrics.ts";
import { startPeriodic } from "../jobs/periodic.ts";
import { tasksOf } from "../jobs/schedule.ts";
import { systemClock } from "../kernel/clock.ts";
import { workOnTenancies } from "../provisioning/work.ts";
import { banner } from "./banner.ts";
import { connecting, type OpenProvider, openClouds, type Simulator } from "./clouds.ts";
import { serveCommands } from "./command-socket.ts";
import { firstStart } from "./first-start.ts";
import { listen, requireFreePort } from "./listen.ts";
import { openApp } from "./open-app.ts";
import { type CloudDeclaration, declarations, keepDeclared, newSimulatorToken } from "./simulator.ts";

export type Role = "all" | "serve" | "work";

/** How `main.ts` starts simulated clouds; kept out of this room, which knows no kind of cloud. */
export type StartSimulator = (options: {
  readonly port: number;
  readonly host: string;
  readonly token: string;
  readonly dataDir: string | null;
  readonly clouds: readonly CloudDeclaration[];
  readonly clock: { now(): Date };
}) => Promise<{ readonly url: string; close(): Promise<void> }>;

export interface Kinds {
  readonly openProvider: OpenProvider;
  readonly startSimulator: StartSimulator;
}

export interface Running {
  readonly url: string | null;
  stop(): Promise<void>;
}

/** Requests in flight get this long to end. */
const GRACE_MS = 10_000;

/** Starts a role; what was started is stopped in the opposite order, also when a later part fails to start. */
export async function run(
  config: Config,
  role: Role,
  kinds: Kinds,
  print: (line: string) => void,
): Promise<Running> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    const serves = role !== "work";
    const works = role !== "serve";
    // A first start takes its time, and shows the administrator's token once: not for nothing.
    if (serves) await requireFreePort(config.HOST, config.PORT);
    const { app, queue, close } = await openApp(config, { migrate: role === "all", supervise: works });
    stops.push(close);
    const token = role === "all" ? await firstStart(app) : null;
    const simulator = await simulatorFor(app, role, kinds, stops);
    const metrics = openMetrics();
    // A key that cannot be read is said at once, not when the first cloud is reached for.
    await readKeyRing(config);
    const connect = connecting(kinds.openProvider, simulator);
    const clouds = openClouds({ app, connect, metrics });
    if (works) {
      const stopping = new AbortController();
      // Before the simulated clouds go: a job that is under way ends at its next look.
      stops.push(async () => {
        stopping.abort();
        await queue.stop();
      });
      const signingKey = await loadSigningKey(signingKeyFile(config));
      const tasks = tasksOf(app, clouds, signingKey);
      if (simulator !== null) {
        const declare = keepDeclared(app.db, simulator);
        // Before anything is asked of them: a cloud that is not declared yet would look like one that is gone.
        await declare().catch((error: unknown) => app.log.warn({ err: error }, "simulated clouds"));
        tasks.push({ name: "simulator.declare", everyMs: 15_000, run: declare });
      }
      stops.push(startPeriodic(tasks, app.log));
      workOnTenancies(app, { queue, clouds, metrics, stopping: stopping.signal });
    }
    const feed = serves ? openEventFeed(app) : null;
    if (feed !== null) {
      const http = httpApp({ ...app, eventFeed: feed, connect }, metrics);
      const listening = await listen(
        (request, env) => http.fetch(request, env as object),
        config.HOST,
        config.PORT,
      );
      stops.push(
        () => listening.close(GRACE_MS),
        async () => feed.close(),
      );
      if (app.db.kind === "pglite") stops.push(await serveCommands(app, clouds));
      print(banner(listening.url, token));
      return { url: listening.url, stop };
    }
    print("云衡 Yunheng：后台作业已启动 / background work has started");
    return { url: null, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A simulator elsewhere, told by the worker what there is; role `all` without one runs its own. */
async function simulatorFor(
  app: App,
  role: Role,
  { startSimulator }: Kinds,
  stops: (() => Promise<unknown>)[],
): Promise<Simulator | null> {
  const { SIMULATOR_URL: url, SIMULATOR_HOST: host, SIMULATOR_PORT: port, SIMULATOR_TOKEN } = app.config;
  if (url !== undefined) return { url, token: SIMULATOR_TOKEN ?? "" };
  if (role !== "all") return null;
  const clouds = await declarations(app.db);
  const token = SIMULATOR_TOKEN ?? newSimulatorToken();
  const dataDir = join(app.config.DATA_DIR, "simulated");
  const server = await startSimulator({ port, host, token, dataDir, clouds, clock: systemClock });
  stops.push(() => server.close());
  return { url: server.url, token };
}
