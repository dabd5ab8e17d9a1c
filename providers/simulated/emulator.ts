import { getRequestListener } from "@hono/node-server";
import { type DelayRange, type EmulatedKind, UNHURRIED } from "../emulation/kind.ts";
import { openScripts } from "../emulation/script.ts";
import { administratorRoutes } from "./emulator/administrator-routes.ts";
import { simulatedApp } from "./emulator/app.ts";
import { CloudDeclaration, declareCloud, type NamedCloudDeclaration } from "./emulator/declare-cloud.ts";
import { seededChance } from "./emulator/scene.ts";
import { openStore } from "./emulator/store.ts";

export interface SimulatedOptions {
  /** Bearer token of every call. */
  readonly token: string;
  /** Folder of the journal; null keeps everything in memory only. One process per folder. */
  readonly dataDir: string | null;
  readonly seed?: string;
  /** Declared at the start, beside those the journal knows already. */
  readonly clouds?: readonly NamedCloudDeclaration[];
  /** How long creating and removing take. */
  readonly delayMs?: DelayRange;
  readonly clock: { now(): Date };
  /** Told about a defect of the simulation itself, which the caller sees as a bare 500. */
  readonly onDefect?: (error: unknown) => void;
}

/** Simulated clouds, which no product is like: `/simulated/{cloud}/v1`. */
export function simulatedKind(options: SimulatedOptions): EmulatedKind {
  const { token, dataDir, clock, onDefect = () => undefined } = options;
  const store = openStore(dataDir, clock);
  const scripts = openScripts();
  const declare = (id: string, declared: unknown) =>
    store.commit(declareCloud(id, CloudDeclaration.parse(declared), store.cloud(id)));
  for (const { id, ...declared } of options.clouds ?? []) declare(id, declared);
  const chance = seededChance(options.seed ?? "simulated", options.delayMs ?? UNHURRIED);
  const deps = { token, store, scripts, chance, onDefect };
  return {
    name: "simulated",
    scripts,
    cloudIds: () => store.cloudIds(),
    declare,
    answer: getRequestListener(simulatedApp(deps).fetch),
    deeds: administratorRoutes(deps),
    close: () => store.close(),
  };
}
