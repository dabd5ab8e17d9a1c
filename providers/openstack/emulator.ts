import { getRequestListener } from "@hono/node-server";
import { type DelayRange, type EmulatedKind, UNHURRIED } from "../emulation/kind.ts";
import { openScripts } from "../emulation/script.ts";
import { administratorRoutes } from "./emulator/administrator-routes.ts";
import { emulatorApp } from "./emulator/app.ts";
import { CloudDeclaration, declareCloud, type NamedCloudDeclaration } from "./emulator/declare.ts";
import { type CloudState, openState } from "./emulator/store.ts";

export interface OpenstackOptions {
  /** Of the user `admin` of every cloud. */
  readonly password: string;
  /** Folder of the journals; null keeps everything in memory only. One process per folder. */
  readonly dataDir: string | null;
  readonly clouds?: readonly NamedCloudDeclaration[];
  /** How long building, stopping, resizing and removing take. */
  readonly delayMs?: DelayRange;
  readonly clock: { now(): Date };
  /** Told about a defect of the emulator itself, which the caller sees as a bare 500. */
  readonly onDefect?: (error: unknown) => void;
}

/** Emulated OpenStack clouds; a cloud's services are below `/openstack/{cloud}`, as `/identity/v3`. */
export function openstackKind(options: OpenstackOptions): EmulatedKind {
  const { password, dataDir, clock, delayMs = UNHURRIED, onDefect = () => undefined } = options;
  const clouds = new Map<string, CloudState>();
  const scripts = openScripts();
  const declare = (id: string, declared: unknown) => {
    const declaration = CloudDeclaration.parse(declared);
    const state = clouds.get(id) ?? openState(id, dataDir, clock);
    clouds.set(id, state);
    declareCloud(state, declaration, password);
  };
  for (const { id, ...declared } of options.clouds ?? []) declare(id, declared);
  const find = (id: string) => clouds.get(id);
  return {
    name: "openstack",
    scripts,
    cloudIds: () => [...clouds.keys()],
    declare,
    answer: getRequestListener(emulatorApp({ find, scripts, delayMs, onDefect }).fetch),
    deeds: administratorRoutes(find),
    close() {
      for (const state of clouds.values()) state.close();
    },
  };
}

/** A connection to one of the clouds of an emulation at `url`. */
export function openstackConnectionTo(url: string, cloud: string, password: string) {
  return {
    authUrl: `${url}/openstack/${cloud}/identity/v3`,
    region: "RegionOne",
    credential: { kind: "password", username: "admin", password, project: "admin" },
  };
}
