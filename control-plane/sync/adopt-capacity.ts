import type { Grant } from "../authz/scope.ts";
import { capacityRule } from "../clouds/store.ts";
import { updateInventory } from "../clouds/update-inventory.ts";
import type { App, Caller } from "../context.ts";
import { isFault } from "../kernel/fault.ts";
import type { CloudId } from "../kernel/ids.ts";
import { systemCaller } from "../provisioning/settle.ts";
import { perform } from "../verb.ts";
import { adoptedStock } from "./adopted-stock.ts";
import { declaredAndObserved, poolGeneration } from "./rows.ts";

/**
 * Where a cloud's rule says so, gives out what the cloud says that it has. Whoever is over then may not grow, as where a
 * person lowers a capacity; the change is on record as the system's. What cannot be adopted stays shown as a difference.
 */
export async function adoptCapacity(app: App, cloudId: CloudId): Promise<void> {
  const { rule, rows } = await app.db.read(async (tx) => ({
    rule: await capacityRule(tx, cloudId),
    rows: await declaredAndObserved(tx, cloudId),
  }));
  if (rule !== "adopt") return;
  for (const { poolId, resourceClass, declared, observed } of rows) {
    const stock = adoptedStock(declared, observed);
    if (stock === null) continue;
    const ifMatch = await app.db.read((tx) => poolGeneration(tx, poolId));
    const overLimit = { choice: "freeze" } as const;
    try {
      await perform(app, caller(cloudId), updateInventory, {
        id: poolId,
        resourceClass,
        ...stock,
        overLimit,
        ifMatch,
      });
    } catch (error) {
      if (!isFault(error)) throw error;
      app.log.warn(
        { err: error, cloudId, poolId, resourceClass },
        "what the cloud says could not be adopted",
      );
    }
  }
}

/** May change what this cloud's pools have, and nothing else. */
function caller(cloudId: CloudId): Caller {
  const grant: Grant = { role: "cloud_operator", scopeKind: "cloud", scopeId: cloudId, organizationPath: "" };
  const system = systemCaller(`sync ${cloudId}`);
  return { ...system, actor: { ...system.actor, grants: [grant] } };
}
