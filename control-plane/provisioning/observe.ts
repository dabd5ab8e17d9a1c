import { isNotFound } from "../../providers/faults.ts";
import type { CallOptions, CloudProvider, ObservedInstance, PageOptions } from "../../providers/port.ts";
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
  let position: PageOptions | null = options;
  while (position !== null) {
    const here: PageOptions = position;
    const page = await existing(() => provider.listInstances(name, here));
    instances.push(...(page?.items ?? []));
    position = page?.next ? { ...options, after: page.next } : null;
  }
  return { tenancy, instances };
}

/** Null where the cloud has no such thing, also when it vanished between two calls. */
async function existing<Value>(call: () => Promise<Value>): Promise<Value | null> {
  try {
    return await call();
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}
