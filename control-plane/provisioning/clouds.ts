import type { CloudProvider } from "../../providers/port.ts";
import type { CloudId } from "../kernel/ids.ts";

/** Where adapters come from; `main.ts` connects this to the registry, since only it may know the kinds. */
export interface Clouds {
  /** The adapter of a cloud, opened once and kept. @throws when the cloud is unknown or its connection unusable */
  open(cloudId: CloudId): Promise<CloudProvider>;
}
