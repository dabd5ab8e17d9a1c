import { isNotFound } from "../../providers/faults.ts";
import type { CallOptions, CloudProvider, ObservedInstance, ObservedTenancy } from "../../providers/port.ts";
import type { ObservedPlacement } from "./desired.ts";

/** What the cloud shows of one placement, over all pages. */
export async function observe(
  provider: CloudProvider,
  name: string,
  options: CallOptions,
): Promise<ObservedPlacement> {
  const tenancy = await existing(() => provider.getTenancy(name, options));
  if (tenancy === null) return { tenancy: null, instances: [] };
  const instances: ObservedInstance[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page = await existing(() =>
      provider.listInstances(name, after === undefined ? options : { ...options, after }),
    );
    instances.push(...(page?.items ?? []));
    after = page?.next ?? null;
  }
  return { tenancy, instances };
}

/** Null where the cloud has no such thing, also when it vanished between two calls. */
async function existing<Value extends ObservedTenancy | object>(call: () => Promise<Value>): Promise<Value | null> {
  try {
    return await call();
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}
