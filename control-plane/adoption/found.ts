import type {
  CallOptions,
  CloudProvider,
  ObservedInstance,
  ObservedTenancy,
  ProviderQuantities,
} from "../../providers/port.ts";
import type { CloudId } from "../kernel/ids.ts";
import { RESOURCE_CLASSES, type ResourceVector, vectorOf } from "../kernel/quantity.ts";

/** A tenancy that a cloud shows, with what is in it. */
export interface FoundTenancy {
  readonly cloudId: CloudId;
  readonly tenancy: ObservedTenancy;
  readonly instances: readonly ObservedInstance[];
  readonly usage: ProviderQuantities;
}

/** Everything that a cloud shows and that is asked for, over all pages. @throws ProviderFault */
export async function findTenancies(
  provider: CloudProvider,
  cloudId: CloudId,
  isWanted: (tenancy: ObservedTenancy) => boolean,
  options: CallOptions,
): Promise<FoundTenancy[]> {
  const found: FoundTenancy[] = [];
  const tenancies = await everyPage((after) => provider.listTenancies({ ...options, ...after }));
  for (const tenancy of tenancies.filter(isWanted)) {
    const { name } = tenancy;
    const instances = await everyPage((after) => provider.listInstances(name, { ...options, ...after }));
    found.push({ cloudId, tenancy, instances, usage: await provider.readUsage(name, options) });
  }
  return found;
}

async function everyPage<Item>(
  read: (after: {
    after?: string;
  }) => Promise<{ readonly items: readonly Item[]; readonly next: string | null }>,
): Promise<Item[]> {
  const items: Item[] = [];
  for (let next: string | null | undefined; next !== null; ) {
    const page = await read(next === undefined ? {} : { after: next });
    items.push(...page.items);
    next = page.next;
  }
  return items;
}

/** What a tenancy uses: what the cloud counts and what its instances are, whichever is more of each class. */
export function usedBy({ usage, instances }: Pick<FoundTenancy, "usage" | "instances">): ResourceVector {
  const sum = (size: (instance: ObservedInstance) => number) =>
    instances.reduce((total, instance) => total + size(instance), 0);
  const inside: ProviderQuantities = {
    VCPU: sum(({ vcpu }) => vcpu),
    MEMORY_GIB: sum(({ memoryGiB }) => memoryGiB),
    BLOCK_STORAGE_GIB: sum(({ diskGiB }) => diskGiB),
  };
  return largest(usage, inside);
}

type Amounts = Readonly<Record<string, number | undefined>>;

/** The more of each class that the control plane counts; others are the cloud's own affair. */
export function largest(left: Amounts, right: Amounts): ResourceVector {
  return vectorOf(
    RESOURCE_CLASSES.map((name) => [name, Math.max(left[name] ?? 0, right[name] ?? 0, 0)] as const).filter(
      ([, amount]) => amount > 0,
    ),
  );
}
