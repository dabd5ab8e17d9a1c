import { ProviderFault } from "../../providers/faults.ts";
import type { CloudProvider } from "../../providers/port.ts";
import type { CloudAddress } from "../clouds/store.ts";
import { fault } from "../kernel/fault.ts";
import type { Credential } from "./wire.ts";

/** Opens the adapter of a cloud with a credential; `main.ts` hands it in, the only file that knows the kinds. */
export type Connect = (cloud: CloudAddress, credential: Credential) => Promise<CloudProvider>;

const TEST_TIMEOUT_MS = 15_000;

/**
 * Asks a cloud whether it takes a credential, before anything is kept.
 * @throws cloud.connection_invalid where address and credential do not fit together
 * @throws cloud.connection_failed with the class of the failure, never with what the cloud said
 */
export async function tryConnection(
  connect: Connect | undefined,
  cloud: CloudAddress,
  credential: Credential,
  requestId: string,
): Promise<void> {
  if (connect === undefined) throw new Error("this process cannot reach clouds");
  requireNoOverlap(cloud, credential);
  try {
    const provider = await connect(cloud, credential);
    await provider.probe({ requestId, signal: AbortSignal.timeout(TEST_TIMEOUT_MS) });
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    const code = error.kind === "Invalid" ? "cloud.connection_invalid" : "cloud.connection_failed";
    throw fault(code, { cloudId: cloud.id, kind: error.kind, reason: error.message }, { cause: error });
  }
}

/** A credential adds to the address; it may not turn the connection elsewhere. */
function requireNoOverlap(cloud: CloudAddress, credential: Credential): void {
  const taken = Object.keys(credential).filter((name) => Object.hasOwn(cloud.connection, name));
  if (taken.length === 0) return;
  throw fault("cloud.connection_invalid", {
    cloudId: cloud.id,
    kind: "Invalid",
    reason: `the province's documents give these fields already: ${taken.join(", ")}`,
  });
}
