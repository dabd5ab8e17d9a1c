import { ec2Kind } from "./ec2/emulator.ts";
import type { DelayRange } from "./emulation/kind.ts";
import { type Emulation, startEmulation } from "./emulation/server.ts";
import { ProviderFault } from "./faults.ts";
import { kubernetesKind } from "./kubernetes/emulator.ts";
import { openstackConnectionTo, openstackKind } from "./openstack/emulator.ts";
import { simulatedKind } from "./simulated/emulator.ts";

export interface EmulatorsOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** The one secret of all the clouds: password, bearer token and secret key. */
  readonly token: string;
  /** Folder of the journals; null keeps everything in memory only. One process per folder. */
  readonly dataDir: string | null;
  /** How long clouds work on what they have accepted, where it is to be other than usual. */
  readonly delayMs?: DelayRange;
  readonly clock: { now(): Date };
  readonly onDefect?: (error: unknown) => void;
}

const ACCESS_KEY = "AKIAEMULATED";
const EC2_ACCOUNT = "210987654321";

/** Emulated clouds of every kind behind one port; which there are is declared to them later. */
export function startEmulators({ port, host, token, ...options }: EmulatorsOptions): Promise<Emulation> {
  const keys = { accessKeyId: ACCESS_KEY, secretAccessKey: token };
  const kinds = [
    simulatedKind({ ...options, token }),
    openstackKind({ ...options, password: token }),
    kubernetesKind({ ...options, token }),
    ec2Kind({ ...options, keys }),
  ];
  const { onDefect } = options;
  return startEmulation({ port, host, token, kinds, ...(onDefect === undefined ? {} : { onDefect }) });
}

/**
 * How an adapter of a kind enters one of the emulated clouds; what the operator has to say of a real one beside
 * address and credential is not in it. @throws ProviderFault Invalid for a kind that has no emulator
 */
export function emulatedConnection(
  kind: string,
  { url, token }: { readonly url: string; readonly token: string },
  cloud: string,
): Readonly<Record<string, unknown>> {
  switch (kind) {
    case "simulated":
      return { url, token, cloud };
    case "openstack":
      return openstackConnectionTo(url, cloud, token);
    case "kubernetes":
      return { server: `${url}/kubernetes/${cloud}`, token, poolLabel: "yunheng.io/pool" };
    case "ec2":
      return {
        endpoint: `${url}/ec2/${cloud}`,
        region: "cn-north-1",
        accessKeyId: ACCESS_KEY,
        secretAccessKey: token,
        accessRole: { arn: `arn:aws-cn:iam::${EC2_ACCOUNT}:role/department` },
      };
    default:
      throw new ProviderFault("Invalid", `no emulator of kind ${kind}`);
  }
}
