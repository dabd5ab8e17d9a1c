import { getRequestListener } from "@hono/node-server";
import { type DelayRange, type EmulatedKind, UNHURRIED } from "../emulation/kind.ts";
import { openScripts } from "../emulation/script.ts";
import { administratorRoutes } from "./emulator/administrator-routes.ts";
import { emulatorApp } from "./emulator/app.ts";
import { CloudDeclaration, type Keys } from "./emulator/declaration.ts";
import { DECLARATION, openStore } from "./emulator/store.ts";

export interface Ec2Options {
  /** Of the owner of every cloud. */
  readonly keys: Keys;
  /** Folder of the journal; null keeps everything in memory only. One process per folder. */
  readonly dataDir: string | null;
  /** Declared at the start, beside those the journal knows already. */
  readonly clouds?: Readonly<Record<string, CloudDeclaration>>;
  /** How long the clouds work on what they have accepted. */
  readonly delayMs?: DelayRange;
  readonly clock: { now(): Date };
  /** From 0 up to 1. */
  readonly random?: () => number;
  /** Told about a defect of the emulator itself, which the caller sees as an internal error. */
  readonly onDefect?: (error: unknown) => void;
}

/** Emulated EC2-compatible clouds; a cloud's endpoint is `/ec2/{cloud}`. */
export function ec2Kind(options: Ec2Options): EmulatedKind {
  const { keys, dataDir, clock, delayMs = UNHURRIED, random = Math.random } = options;
  const store = openStore(dataDir, clock);
  const scripts = openScripts();
  const declare = (id: string, declared: unknown) =>
    store.put(id, "cloud", DECLARATION, { ...CloudDeclaration.parse(declared), ...keys });
  for (const [id, declared] of Object.entries(options.clouds ?? {})) declare(id, declared);
  const deps = { store, scripts, delayMs, random, onDefect: options.onDefect ?? (() => undefined) };
  return {
    name: "ec2",
    scripts,
    cloudIds: () => store.cloudIds(),
    declare,
    answer: getRequestListener(emulatorApp(deps).fetch),
    deeds: administratorRoutes(deps),
    close: () => store.close(),
  };
}
