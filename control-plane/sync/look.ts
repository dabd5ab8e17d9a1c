import type { CallOptions, CloudProvider, ObservedTenancy, PoolCapacity } from "../../providers/port.ts";

/** Everything that one look at a cloud shows. */
export interface Look {
  /** Null where the cloud cannot say what it has. */
  readonly capacity: readonly PoolCapacity[] | null;
  readonly tenancies: readonly ObservedTenancy[];
}

/** Looks a cloud through, over all pages; half a look is none. @throws ProviderFault */
export async function lookThrough(provider: CloudProvider, options: CallOptions): Promise<Look> {
  const { supports } = await provider.probe(options);
  const capacity = supports.discoverCapacity ? await provider.discoverCapacity(options) : null;
  const tenancies: ObservedTenancy[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page = await provider.listTenancies({ ...options, ...(after === undefined ? {} : { after }) });
    tenancies.push(...page.items);
    after = page.next;
  }
  return { capacity, tenancies };
}
