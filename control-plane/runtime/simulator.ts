import { randomBytes } from "node:crypto";
import { poolTotals } from "../clouds/store.ts";
import type { Database } from "../db/tx.ts";
import { RATIO_UNIT } from "../kernel/quantity.ts";
import type { Simulator } from "./clouds.ts";

/** How a simulated cloud is declared to its server; equal in shape to the server's own declaration. */
export interface CloudDeclaration {
  readonly id: string;
  readonly pools: {
    readonly name: string;
    readonly architecture: string;
    readonly total: Record<string, number>;
    readonly allocationRatio: Record<string, number>;
  }[];
}

/** What the simulated clouds have, as the province says: their machines are declared, not discovered. */
export async function declarations(db: Database): Promise<CloudDeclaration[]> {
  const rows = await db.withTx((tx) => poolTotals(tx, "simulated"));
  const clouds = new Map<string, Map<string, CloudDeclaration["pools"][number]>>();
  for (const { cloudId, pool, inventory } of rows) {
    const ofCloud = clouds.get(cloudId) ?? new Map<string, CloudDeclaration["pools"][number]>();
    clouds.set(cloudId, ofCloud);
    if (pool === null) continue;
    const { id: name, architecture } = pool;
    const declared = ofCloud.get(name) ?? { name, architecture, total: {}, allocationRatio: {} };
    ofCloud.set(name, declared);
    if (inventory === null) continue;
    declared.total[inventory.resourceClass] = inventory.total;
    declared.allocationRatio[inventory.resourceClass] = inventory.allocationRatioMilli / RATIO_UNIT;
  }
  return [...clouds].map(([id, pools]) => ({ id, pools: [...pools.values()] }));
}

/** Keeps a simulator told of what the province says: nothing is sent while nothing has changed. */
export function keepDeclared(db: Database, simulator: Simulator): () => Promise<void> {
  let told = "";
  return async () => {
    const clouds = await declarations(db);
    const now = JSON.stringify(clouds);
    if (now === told) return;
    await declareClouds(simulator, clouds);
    told = now;
  };
}

/** Tells a simulator which clouds there are and what they have. */
export async function declareClouds(
  simulator: Simulator,
  clouds: readonly CloudDeclaration[],
): Promise<void> {
  for (const { id, pools } of clouds) {
    const answer = await fetch(`${simulator.url}/admin/clouds/${id}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${simulator.token}`, "content-type": "application/json" },
      body: JSON.stringify({ pools }),
    });
    if (!answer.ok)
      throw new Error(`simulated cloud ${id} was refused: ${answer.status} ${await answer.text()}`);
  }
}

export function newSimulatorToken(): string {
  return randomBytes(24).toString("base64url");
}
