import { usedIn } from "./admission.ts";
import type { Control } from "./controllers.ts";
import { formatNanos } from "./format-quantity.ts";
import { sameJson } from "./objects.ts";
import { QUOTAS } from "./resources.ts";
import { QuotaView } from "./views.ts";

/** Puts what a quota says, and what is used of it, into its status: from then on admission goes by it. */
export function takeUpQuotas({ store }: Control, namespace: string): void {
  for (const stored of store.list(QUOTAS, namespace)) {
    const { spec } = QuotaView.parse(stored);
    const held = usedIn(store, namespace);
    const names = Object.keys(spec.hard).sort();
    const used = Object.fromEntries(names.map((name) => [name, formatNanos(name, held.get(name) ?? 0n)]));
    const status = { hard: spec.hard, used };
    if (!sameJson(stored.status, status)) store.put(QUOTAS, { ...stored, status });
  }
}
